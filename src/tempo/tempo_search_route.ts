import type { Context } from "hono";
import { hexOf } from "../codec/byte_string.ts";
import type { AppEnv } from "../http/app_env.ts";
import { nodeOfId } from "../map/node_identity.ts";
import { answerJson } from "../query/answer_json.ts";
import { foundTraces } from "../query/found_traces.ts";
import { matchingSpans } from "../search/matches_trace.ts";
import { readTempoSearch } from "../search/read_tempo_search.ts";
import type { TraceFilter } from "../search/trace_filter.ts";
import type { TraceHit as StoredHit } from "../trace_store/trace_source.ts";
import type { SpanGroup } from "../trace_store/summary.ts";
import {
  type ServiceHit,
  tempoSearchAnswer,
  type TraceHit,
} from "./tempo_search.ts";

/** `GET /tempo/api/search` */
export async function answerTempoSearch(
  context: Context<AppEnv>,
): Promise<Response> {
  const { searchParams } = new URL(context.req.url);
  const read = readTempoSearch(searchParams, Date.now());
  if (!read.ok) return new Response(read.reason, { status: 400 });
  const { filter, limit, spansPerSpanSet } = read;
  const { hits } = await foundTraces(context, {
    filter,
    limit,
    after: null,
    withSpans: true,
  });
  return answerJson(tempoSearchAnswer(
    hits.map((hit) => traceHit(hit, filter)),
    { spansPerSpanSet, inspectedTraces: hits.length },
  ));
}

function traceHit(
  { summary, spans }: StoredHit,
  filter: TraceFilter,
): TraceHit {
  const { root, startNs, endNs } = summary;
  const isRoot = root?.first ?? false;
  return {
    traceId: hexOf(summary.traceId),
    rootService: isRoot ? nodeOfId(root?.service ?? "").name : "",
    rootOperation: isRoot ? root?.operation ?? "" : "",
    startNs,
    durationNs: Number(endNs - startNs),
    services: serviceHits(summary.groups),
    matched: matchingSpans(spans ?? [], filter),
  };
}

function serviceHits(groups: readonly SpanGroup[]): ServiceHit[] {
  const byName = Map.groupBy(groups, ({ service }) => nodeOfId(service).name);
  return Array.from(byName, ([name, own]) => ({
    name,
    spanCount: own.reduce((sum, { spans }) => sum + spans, 0),
    errorCount: own.reduce((sum, { errors }) => sum + errors, 0),
  }));
}
