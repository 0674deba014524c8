import type { Context } from "hono";
import { hexOf } from "../codec/byte_string.ts";
import type { AppEnv } from "../http/app_env.ts";
import { nodeOfId } from "../map/node_identity.ts";
import { StatusCode } from "../map/span_kind.ts";
import { answerJson } from "../query/answer_json.ts";
import { askingOf } from "../query/asking.ts";
import { foundTraces } from "../query/found_traces.ts";
import { matchingSpans } from "../search/matches_trace.ts";
import { readTempoSearch } from "../search/read_tempo_search.ts";
import { spanService } from "../search/span_service.ts";
import type { TraceFilter } from "../search/trace_filter.ts";
import type { Span } from "../spans/span.ts";
import type { TraceHit as StoredHit } from "../trace_search/trace_source.ts";
import { distinctSpans } from "../trace_view/distinct_spans.ts";
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
  const { hits } = await foundTraces(askingOf(context), {
    filter,
    limit,
    after: null,
    withSpans: true,
  });
  return answerJson(tempoSearchAnswer(
    hits.map((hit) => traceHit(hit, filter)),
    { spansPerSpanSet, asked: filter.span, inspectedTraces: hits.length },
  ));
}

function traceHit(
  { summary, spans: sent }: StoredHit,
  filter: TraceFilter,
): TraceHit {
  const { root, startNs, endNs } = summary;
  const spans = distinctSpans(sent ?? []);
  const isRoot = root?.first ?? false;
  return {
    traceId: hexOf(summary.traceId),
    rootService: isRoot ? nodeOfId(root?.service ?? "").name : "",
    rootOperation: isRoot ? root?.operation ?? "" : "",
    startNs,
    durationNs: Number(endNs - startNs),
    services: serviceHits(spans),
    matched: matchingSpans(spans, filter),
  };
}

// Not by the summary, whose groups are limited.
function serviceHits(spans: readonly Span[]): ServiceHit[] {
  const byName = Map.groupBy(
    spans,
    ({ resource }) => spanService(resource.attributes).name,
  );
  return Array.from(byName, ([name, own]) => ({
    name,
    spanCount: own.length,
    errorCount: own.filter(({ status }) =>
      status.code === StatusCode.ERROR
    ).length,
  }));
}
