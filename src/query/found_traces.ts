import type { Context } from "hono";
import type { AppEnv } from "../http/app_env.ts";
import {
  searchTraces,
  type TraceSearch,
  type TraceSearchResult,
} from "../trace_store/search_traces.ts";
import { traceShards } from "../trace_store/trace_shards.ts";

/** Searches the traces of the caller's tenant. */
export async function foundTraces(
  context: Context<AppEnv>,
  search: TraceSearch,
): Promise<TraceSearchResult> {
  const { tenant } = context.get("caller");
  const settings = context.get("settings");
  return searchTraces(
    await traceShards(context.env, { tenant, settings }),
    search,
  );
}
