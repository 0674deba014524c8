import type { Context } from "hono";
import type { AppEnv } from "../http/app_env.ts";
import { answerJson } from "./answer_json.ts";
import { asked } from "./asked.ts";
import { askingOf } from "./asking.ts";
import { loadGraph } from "./load_graph.ts";
import {
  selectionProblems,
  serviceMap,
  serviceMapParameters,
} from "./service_map.ts";
import { unknownService } from "./unknown_service.ts";

/** `GET /api/v1/servicemap` */
export async function answerServiceMap(
  context: Context<AppEnv>,
): Promise<Response> {
  const { parameters, plan } = asked(
    context,
    serviceMapParameters,
    selectionProblems,
  );
  const loaded = await loadGraph(askingOf(context), plan);
  const { service } = parameters;
  if (service !== undefined) {
    const problem = unknownService(service, loaded, parameters);
    if (problem !== undefined) throw problem;
  }
  return answerJson(serviceMap(loaded.graph, parameters, plan.window));
}
