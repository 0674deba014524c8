import type { Context } from "hono";
import type { AppEnv } from "../http/app_env.ts";
import { traceAnswer } from "../trace_view/trace_answer.ts";
import { answerJson } from "./answer_json.ts";
import { askedTrace, unknownTrace } from "./asked_trace.ts";

/** `GET /api/v1/traces/{trace_id}` */
export async function answerTrace(context: Context<AppEnv>): Promise<Response> {
  const text = context.req.param("trace_id") ?? "";
  const { spans, warnings } = await askedTrace(context, text);
  const answer = traceAnswer(spans, { warnings });
  if (answer === undefined) throw unknownTrace(text);
  return answerJson(answer);
}
