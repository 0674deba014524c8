import type { Context } from "hono";
import type { AppEnv } from "../http/app_env.ts";
import { HttpProblem } from "../http/http_problem.ts";
import type { Span } from "../spans/span.ts";
import { loadTrace } from "../trace_store/load_trace.ts";
import { readTraceId } from "../trace_store/trace_id.ts";
import { traceShards } from "../trace_store/trace_shards.ts";
import { traceAnswer } from "../trace_view/trace_answer.ts";
import { answerJson } from "./answer_json.ts";

/** `GET /api/v1/traces/{trace_id}` */
export async function answerTrace(context: Context<AppEnv>): Promise<Response> {
  const text = context.req.param("trace_id") ?? "";
  const answer = traceAnswer(await askedTrace(context, text));
  if (answer === undefined) throw unknownTrace(text);
  return answerJson(answer);
}

/**
 * The spans of a trace that is asked for.
 *
 * @returns None where it is not kept.
 * @throws {HttpProblem} Where the text is no trace id: status 400.
 */
export async function askedTrace(
  context: Context<AppEnv>,
  text: string,
): Promise<readonly Span[]> {
  const traceId = readTraceId(text);
  if (traceId === null) {
    throw new HttpProblem(
      400,
      `Cannot read the trace id "${
        text.slice(0, 64)
      }": it has to be 32 hex digits`,
    );
  }
  const { tenant } = context.get("caller");
  const settings = context.get("settings");
  const shards = await traceShards(context.env, { tenant, settings });
  return loadTrace(shards, traceId);
}

/** The problem of a trace that is not kept. */
export function unknownTrace(text: string): HttpProblem {
  return new HttpProblem(
    404,
    `Cannot find the trace "${text}": it never came, or is no longer kept`,
  );
}
