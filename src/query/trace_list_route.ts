import type { Context } from "hono";
import type { AppEnv } from "../http/app_env.ts";
import { readTraceSearch } from "../search/read_trace_search.ts";
import { answerJson } from "./answer_json.ts";
import { wrongParameters } from "./asked.ts";
import { askingOf } from "./asking.ts";
import { loadTraceList } from "./load_traces.ts";

/** `GET /api/v1/traces` */
export async function answerTraceList(
  context: Context<AppEnv>,
): Promise<Response> {
  const asking = askingOf(context);
  const { searchParams } = new URL(context.req.url);
  const read = readTraceSearch(searchParams, asking.nowMs);
  if (!read.ok) throw wrongParameters(read.problems);
  return answerJson(await loadTraceList(asking, read.search));
}
