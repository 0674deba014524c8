import type { Context } from "hono";
import type { AppEnv } from "../http/app_env.ts";
import { answerJson } from "./answer_json.ts";
import { readOrRefuse } from "./asked.ts";
import { askingOf } from "./asking.ts";
import { loadAnsweredTrace } from "./load_traces.ts";
import { noParameters } from "./parameters.ts";

/** `GET /api/v1/traces/{trace_id}` */
export async function answerTrace(context: Context<AppEnv>): Promise<Response> {
  readOrRefuse(context, noParameters);
  const text = context.req.param("trace_id") ?? "";
  return answerJson(await loadAnsweredTrace(askingOf(context), text));
}
