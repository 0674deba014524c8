import type { Context } from "hono";
import type { AppEnv } from "../http/app_env.ts";
import { answerJson } from "./answer_json.ts";
import { asked } from "./asked.ts";
import { askingOf } from "./asking.ts";
import { loadGraph } from "./load_graph.ts";
import { serviceDetail, serviceDetailParameters } from "./service_detail.ts";
import { unknownService } from "./unknown_service.ts";

/** `GET /api/v1/services/{name}` */
export async function answerServiceDetail(
  context: Context<AppEnv>,
): Promise<Response> {
  const name = context.req.param("name") ?? "";
  const { parameters, plan } = asked(context, serviceDetailParameters);
  const loaded = await loadGraph(askingOf(context), plan, { detailed: name });
  const problem = unknownService(name, loaded, parameters);
  if (problem !== undefined) throw problem;
  return answerJson(
    serviceDetail(name, parameters, { ...loaded, window: plan.window }),
  );
}
