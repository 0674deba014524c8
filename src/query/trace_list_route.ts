import type { Context } from "hono";
import type { AppEnv } from "../http/app_env.ts";
import { readTraceSearch } from "../search/read_trace_search.ts";
import { readTraceId } from "../trace_search/trace_id.ts";
import { answerJson } from "./answer_json.ts";
import { wrongParameters } from "./asked.ts";
import { foundTraces } from "./found_traces.ts";
import { traceList } from "./trace_list.ts";

/** `GET /api/v1/traces` */
export async function answerTraceList(
  context: Context<AppEnv>,
): Promise<Response> {
  const { searchParams } = new URL(context.req.url);
  const read = readTraceSearch(searchParams, Date.now());
  if (!read.ok) throw wrongParameters(read.problems);
  const { filter, limit, cursor } = read.search;
  const after = cursor === null ? null : {
    startNs: cursor.startNs,
    traceId: readTraceId(cursor.traceId) ?? "",
  };
  const found = await foundTraces(context, {
    filter,
    limit,
    after,
    withSpans: false,
  });
  return answerJson(traceList(found, filter.fromNs));
}
