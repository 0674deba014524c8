import type { Context } from "hono";
import type { AppEnv } from "../http/app_env.ts";
import { answerJson } from "./answer_json.ts";
import { asked } from "./asked.ts";
import { askingOf } from "./asking.ts";
import { loadGraph } from "./load_graph.ts";
import { serviceList, serviceListParameters } from "./service_list.ts";

/** `GET /api/v1/services` */
export async function answerServiceList(
  context: Context<AppEnv>,
): Promise<Response> {
  const { parameters, plan } = asked(context, serviceListParameters);
  const { graph } = await loadGraph(askingOf(context), plan);
  return answerJson(serviceList(graph, parameters, plan.window));
}
