import { StatusCode } from "../map/span_kind.ts";
import { DURATION_FORMATS, parseDuration } from "./parse_duration.ts";
import { readLogfmt } from "./read_logfmt.ts";
import { MAX_CONDITIONS, readTraceql } from "./read_traceql.ts";
import { textAttribute } from "./text_attribute.ts";
import {
  ANY_TRACE,
  type SpanCondition,
  type TraceFilter,
  type TraceQuestion,
} from "./trace_filter.ts";
import {
  DEFAULT_TRACE_LIMIT,
  LIMIT_FORMAT,
  parseLimit,
} from "./trace_limit.ts";

/** How many spans of a trace an answer can show. */
export const MAX_SPANS_PER_SPAN_SET = 100;
/** How many it shows where nothing is said. */
export const DEFAULT_SPANS_PER_SPAN_SET = 3;

/** How far back a search goes that names no time, ns. */
const DEFAULT_RANGE_NS = 3_600_000_000_000n;
const NS_PER_SECOND = 1_000_000_000n;

/** A search of Tempo's API, or why it cannot be answered. */
export type TempoSearchResult =
  | {
    readonly ok: true;
    readonly filter: TraceFilter;
    readonly limit: number;
    readonly spansPerSpanSet: number;
  }
  | { readonly ok: false; readonly reason: string };

type QuestionResult =
  | { readonly ok: true; readonly question: TraceQuestion }
  | { readonly ok: false; readonly reason: string };

const STATUSES: ReadonlyMap<string, StatusCode> = new Map([
  ["unset", StatusCode.UNSET],
  ["ok", StatusCode.OK],
  ["error", StatusCode.ERROR],
]);

/**
 * Reads the parameters of Tempo's `GET /api/search`: `q` (TraceQL) or `tags`
 * (logfmt) with `minDuration` and `maxDuration`, `limit`, `spss`, `start` and
 * `end` in unix seconds, both inclusive. Others are passed over, as Tempo does.
 * An empty one is none. All tags have to be on one span.
 *
 * @param nowMs Now, ms since the epoch: without times the last hour is asked.
 *
 * @example
 * ```ts
 * import { readTempoSearch } from "../src/search/read_tempo_search.ts";
 *
 * const query = new URLSearchParams({ q: "{ status = error }", limit: "5" });
 * const search = readTempoSearch(query, Date.now());
 * expect(search.ok && search.limit).toBe(5);
 * ```
 */
export function readTempoSearch(
  query: URLSearchParams,
  nowMs: number,
): TempoSearchResult {
  const range = rangeOf(query, nowMs);
  if ("reason" in range) return range;
  const asked = questionOf(query);
  if (!asked.ok) return asked;
  const limit = query.get("limit") || String(DEFAULT_TRACE_LIMIT);
  const traces = parseLimit(limit);
  if (traces === undefined) return refusal("limit", limit, LIMIT_FORMAT);
  const spss = query.get("spss") || String(DEFAULT_SPANS_PER_SPAN_SET);
  // For Tempo 0 is all that there are.
  const spans = /^\d{1,9}$/.test(spss)
    ? Number(spss) || MAX_SPANS_PER_SPAN_SET
    : Infinity;
  if (spans > MAX_SPANS_PER_SPAN_SET) {
    return refusal("spss", spss, `at most ${MAX_SPANS_PER_SPAN_SET}`);
  }
  return {
    ok: true,
    filter: { ...asked.question, ...range },
    limit: traces,
    spansPerSpanSet: spans,
  };
}

function refusal(
  parameter: string,
  value: string,
  problem: string,
): { readonly ok: false; readonly reason: string } {
  return {
    ok: false,
    reason: `invalid ${parameter} "${value.slice(0, 100)}": must be ${problem}`,
  };
}

function rangeOf(
  query: URLSearchParams,
  nowMs: number,
): Pick<TraceFilter, "fromNs" | "toNs"> | {
  readonly ok: false;
  readonly reason: string;
} {
  const start = query.get("start") || "";
  const end = query.get("end") || "";
  for (const [parameter, value] of [["start", start], ["end", end]] as const) {
    if (!/^\d{0,10}$/.test(value)) {
      return refusal(parameter, value, "unix seconds");
    }
  }
  const lastNs = end === ""
    ? BigInt(Math.round(nowMs)) * 1_000_000n
    : BigInt(end) * NS_PER_SECOND;
  const earlyNs = lastNs > DEFAULT_RANGE_NS ? lastNs - DEFAULT_RANGE_NS : 0n;
  const fromNs = start === "" ? earlyNs : BigInt(start) * NS_PER_SECOND;
  return fromNs >= lastNs
    ? refusal("start", start, `before end, which is ${lastNs / NS_PER_SECOND}`)
    : { fromNs, toNs: lastNs + 1n };
}

function questionOf(query: URLSearchParams): QuestionResult {
  const q = query.get("q") || "";
  const tags = query.get("tags") || "";
  if (q !== "" && tags !== "") {
    return { ok: false, reason: "invalid request: give q or tags, not both" };
  }
  const asked: QuestionResult = q === "" ? tagQuestion(tags) : readTraceql(q);
  if (!asked.ok) return asked;
  const least = query.get("minDuration") || "0s";
  const min = parseDuration(least);
  if (min === undefined) return refusal("minDuration", least, DURATION_FORMATS);
  const most = query.get("maxDuration") || `${Number.MAX_SAFE_INTEGER}ns`;
  const max = parseDuration(most);
  if (max === undefined) return refusal("maxDuration", most, DURATION_FORMATS);
  if (max < min) {
    return refusal("maxDuration", most, `minDuration ${least} or more`);
  }
  const { minDurationNs, maxDurationNs } = asked.question;
  const bounds = {
    minDurationNs: query.get("minDuration")
      ? Math.max(min, minDurationNs ?? 0)
      : minDurationNs,
    maxDurationNs: query.get("maxDuration")
      ? Math.min(max, maxDurationNs ?? max)
      : maxDurationNs,
  };
  return { ok: true, question: { ...asked.question, ...bounds } };
}

function tagQuestion(tags: string): QuestionResult {
  const read = readLogfmt(tags);
  if (!read.ok) return { ok: false, reason: `invalid tags: ${read.problem}` };
  if (read.pairs.size > MAX_CONDITIONS) {
    return { ok: false, reason: `invalid tags: at most ${MAX_CONDITIONS}` };
  }
  const span: SpanCondition[] = [];
  let { root } = ANY_TRACE;
  for (const [key, value] of read.pairs) {
    if (key === "root.name") root = { ...root, name: value };
    else if (key === "root.service.name") root = { ...root, service: value };
    else {
      const condition = tagCondition(key, value);
      if (condition === null) return refusal(key, value, "ok, error or unset");
      span.push(condition);
    }
  }
  return { ok: true, question: { ...ANY_TRACE, span, root } };
}

function tagCondition(key: string, value: string): SpanCondition | null {
  switch (key) {
    case "service.name":
      return {
        on: "service",
        service: { name: value, namespace: null, environment: null },
      };
    case "name":
      return { on: "name", name: value };
    case "status":
    case "status.code": {
      const status = STATUSES.get(value);
      return status === undefined ? null : { on: "status", status };
    }
    default:
      return textAttribute(key, value);
  }
}
