import * as z from "zod/mini";
import { foldName } from "../map/fold_name.ts";
import { SpanKind, StatusCode } from "../map/span_kind.ts";
import { DURATION_FORMATS, parseDuration } from "./parse_duration.ts";
import { MAX_CONDITIONS } from "./read_traceql.ts";
import { textAttribute } from "./text_attribute.ts";
import {
  ANY_TRACE,
  type SpanCondition,
  type TraceFilter,
} from "./trace_filter.ts";
import { LIMIT_FORMAT, parseLimit } from "./trace_limit.ts";

/** How many traces Jaeger answers where nothing is said. */
export const DEFAULT_JAEGER_LIMIT = 100;

/** How far back Jaeger searches where nothing is said: two days, ns. */
const DEFAULT_LOOKBACK_NS = 172_800_000_000_000;

/** A search of Jaeger's API, or why it cannot be answered. */
export type JaegerSearchResult =
  | { readonly ok: true; readonly filter: TraceFilter; readonly limit: number }
  | Refusal;

interface Refusal {
  readonly ok: false;
  readonly reason: string;
}

const tagsSchema = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean()]),
);

const KINDS: ReadonlyMap<string, SpanKind> = new Map(
  Object.entries(SpanKind).map(([name, kind]) => [name.toLowerCase(), kind]),
);
const STATUSES: ReadonlyMap<string, StatusCode> = new Map(
  Object.entries(StatusCode),
);
/** Tags that Jaeger makes of what is no attribute, and that have no index. */
const NO_ATTRIBUTE =
  /^(?:otel\.(?:scope|library)\.|otel\.status_description$|w3c\.tracestate$)/;

/**
 * Reads the parameters of Jaeger's `GET /api/traces`: `service`, `operation`,
 * `tags` (JSON) and `tag` (`key:value`), `minDuration` and `maxDuration` of the
 * span, `start` and `end` in unix microseconds or `lookback` before the end,
 * `limit`. All of it is asked of one span, as Jaeger does. An empty one is
 * none.
 *
 * @param nowMs Now, ms since the epoch.
 *
 * @example
 * ```ts
 * import { readJaegerSearch } from "../src/search/read_jaeger_search.ts";
 *
 * const query = new URLSearchParams({ service: "cart", tags: '{"error":"true"}' });
 * const search = readJaegerSearch(query, Date.now());
 * expect(search.ok && search.filter.span.length).toBe(2);
 * ```
 */
export function readJaegerSearch(
  query: URLSearchParams,
  nowMs: number,
): JaegerSearchResult {
  const service = query.get("service") || "";
  if (service === "") return refuse("parameter 'service' is required");
  const range = rangeOf(query, nowMs);
  if ("reason" in range) return range;
  const tags = tagConditions(query);
  if ("reason" in tags) return tags;
  const durations = durationConditions(query);
  if ("reason" in durations) return durations;
  const text = query.get("limit") || String(DEFAULT_JAEGER_LIMIT);
  const limit = parseLimit(text);
  if (limit === undefined) return wrong("limit", text, LIMIT_FORMAT);
  const operation = query.get("operation") || "";
  const span: SpanCondition[] = [
    {
      on: "service",
      service: { name: service, namespace: null, environment: null },
    },
    ...(operation === ""
      ? []
      : [{ on: "operation", operation: foldName(operation) } as const]),
    ...tags,
    ...durations,
  ];
  return { ok: true, filter: { ...ANY_TRACE, span, ...range }, limit };
}

function refuse(reason: string): Refusal {
  return { ok: false, reason };
}

function wrong(parameter: string, value: string, problem: string): Refusal {
  return refuse(
    `unable to parse param '${parameter}' "${value.slice(0, 100)}": ` +
      `must be ${problem}`,
  );
}

function rangeOf(
  query: URLSearchParams,
  nowMs: number,
): Pick<TraceFilter, "fromNs" | "toNs"> | Refusal {
  const start = query.get("start") || "";
  const end = query.get("end") || "";
  for (const [parameter, value] of [["start", start], ["end", end]] as const) {
    if (!/^\d{0,16}$/.test(value)) {
      return wrong(parameter, value, "unix microseconds");
    }
  }
  const endNs = end === ""
    ? BigInt(Math.round(nowMs)) * 1_000_000n
    : BigInt(end) * 1000n;
  // Jaeger's page sends `custom` where it sends the start.
  const lookbackNs = BigInt(
    parseDuration(query.get("lookback") ?? "") ?? DEFAULT_LOOKBACK_NS,
  );
  const earlyNs = endNs > lookbackNs ? endNs - lookbackNs : 0n;
  const fromNs = start === "" ? earlyNs : BigInt(start) * 1000n;
  return fromNs > endNs
    ? wrong("start", start, "before end")
    : { fromNs, toNs: endNs + 1n };
}

function durationConditions(
  query: URLSearchParams,
): readonly SpanCondition[] | Refusal {
  const conditions: SpanCondition[] = [];
  const bounds = [["minDuration", ">="], ["maxDuration", "<="]] as const;
  for (const [parameter, comparison] of bounds) {
    const text = query.get(parameter) || "";
    if (text === "") continue;
    const ns = parseDuration(text);
    if (ns === undefined) return wrong(parameter, text, DURATION_FORMATS);
    conditions.push({ on: "duration", comparison, ns });
  }
  const [min, max] = conditions;
  return min?.on === "duration" && max?.on === "duration" && max.ns < min.ns
    ? refuse("'maxDuration' should be greater than 'minDuration'")
    : conditions;
}

function tagConditions(
  query: URLSearchParams,
): readonly SpanCondition[] | Refusal {
  const tags: Map<string, string> = new Map();
  for (const tag of query.getAll("tag")) {
    const colon = tag.indexOf(":");
    if (colon < 1) return wrong("tag", tag, "key:value");
    tags.set(tag.slice(0, colon), tag.slice(colon + 1));
  }
  for (const json of query.getAll("tags")) {
    if (json === "") continue;
    const read = tagsSchema.safeParse(jsonOf(json));
    if (!read.success) {
      return wrong("tags", json, 'JSON like {"http.status_code":"500"}');
    }
    for (const [key, value] of Object.entries(read.data)) {
      tags.set(key, String(value));
    }
  }
  if (tags.size > MAX_CONDITIONS) {
    return refuse(`at most ${MAX_CONDITIONS} tags are taken, not ${tags.size}`);
  }
  const conditions: SpanCondition[] = [];
  for (const [key, value] of tags) {
    const condition = tagCondition(key, value);
    if (typeof condition === "string") return wrong(key, value, condition);
    conditions.push(condition);
  }
  return conditions;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The condition on a tag, or what it has to be. */
function tagCondition(key: string, value: string): SpanCondition | string {
  switch (key) {
    case "error": {
      const failed = { on: "status", status: StatusCode.ERROR } as const;
      if (value === "true") return failed;
      return value === "false"
        ? { on: "not", condition: failed }
        : "true or false";
    }
    case "span.kind": {
      const kind = KINDS.get(value);
      return kind === undefined
        ? [...KINDS.keys()].join(", ")
        : { on: "kind", kind };
    }
    case "otel.status_code": {
      const status = STATUSES.get(value);
      return status === undefined
        ? [...STATUSES.keys()].join(", ")
        : { on: "status", status };
    }
    default:
      return NO_ATTRIBUTE.test(key)
        ? "left out: this tag cannot be searched for"
        : textAttribute(key, value);
  }
}
