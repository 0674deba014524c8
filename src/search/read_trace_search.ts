import * as z from "zod/mini";
import type { ParameterProblem } from "../http/http_problem.ts";
import { foldName } from "../map/fold_name.ts";
import {
  limitParameter,
  nameParameter,
  nodeParameters,
  rangeParameters,
} from "../query/parameters.ts";
import { readParameters } from "../query/read_parameters.ts";
import { timeRange } from "../query/time_range.ts";
import { DURATION_FORMATS, parseDuration } from "./parse_duration.ts";
import { MAX_RESOURCE_ID_LENGTH } from "./resource_ids.ts";
import { textAttribute } from "./text_attribute.ts";
import { decodeCursor, type TraceCursor } from "./trace_cursor.ts";
import {
  ANY_TRACE,
  type SpanCondition,
  type TraceFilter,
} from "./trace_filter.ts";
import { DEFAULT_TRACE_LIMIT, MAX_TRACE_LIMIT } from "./trace_limit.ts";

/** The window where a request names none: the last hour, ms. */
export const DEFAULT_SEARCH_RANGE_MS = 3_600_000;
/** How many attributes a search can ask for. */
export const MAX_ASKED_ATTRIBUTES = 16;
/** The longest `key:value` of an attribute, UTF-16 units. */
export const MAX_ASKED_ATTRIBUTE_LENGTH = 2048;

/** A page of traces that is asked for. */
export interface TraceSearch {
  readonly filter: TraceFilter;
  readonly limit: number;
  /** The page comes after this; null: the first page. */
  readonly cursor: TraceCursor | null;
}

/** A search, or what is wrong with the parameters. */
export type TraceSearchResult =
  | { readonly ok: true; readonly search: TraceSearch }
  | { readonly ok: false; readonly problems: readonly ParameterProblem[] };

const durationParameter = parsed(
  (text) => /^\d{1,16}$/.test(text) ? wholeNs(text) : parseDuration(text),
  `must be whole nanoseconds, or ${DURATION_FORMATS}`,
).check(z.describe(`Whole nanoseconds, or ${DURATION_FORMATS}.`));

/** Parameters of `GET /api/v1/traces`. */
export const traceParameters = z.object({
  ...rangeParameters,
  ...nodeParameters,
  service: z.optional(nameParameter),
  operation: z.optional(nameParameter),
  error: z.optional(z.literal(["true", "false"], "must be true or false")),
  min_duration: z.optional(durationParameter),
  max_duration: z.optional(durationParameter),
  resource: z.optional(
    z.string().check(
      z.minLength(1, "must not be empty; leave it out to take all"),
      z.maxLength(
        MAX_RESOURCE_ID_LENGTH,
        `must have at most ${MAX_RESOURCE_ID_LENGTH} characters`,
      ),
    ),
  ),
  attribute: z.optional(
    z.string().check(
      z.describe("`key:value`; may come several times, all of one span."),
    ),
  ),
  limit: z.optional(limitParameter(MAX_TRACE_LIMIT)),
  cursor: z.optional(parsed(
    (text) => decodeCursor(text) ?? undefined,
    "must be the `next_cursor` of an answer",
  )),
});

/**
 * Reads the parameters of `GET /api/v1/traces`. Service, operation, resource
 * and attributes are asked of one span, error and duration of the trace.
 *
 * @param nowMs Now, ms since the epoch.
 *
 * @example
 * ```ts
 * import { readTraceSearch } from "../src/search/read_trace_search.ts";
 *
 * const query = new URLSearchParams("service=cart&min_duration=250ms");
 * const read = readTraceSearch(query, Date.now());
 * expect(read.ok && read.search.filter.minDurationNs).toBe(250_000_000);
 * ```
 */
export function readTraceSearch(
  query: URLSearchParams,
  nowMs: number,
): TraceSearchResult {
  const attributes = attributeConditions(query.getAll("attribute"));
  const rest = new URLSearchParams(query);
  rest.delete("attribute");
  const read = readParameters(traceParameters, rest);
  const problems = [...attributes.problems];
  if (!read.ok) return { ok: false, problems: [...read.problems, ...problems] };
  const { value } = read;
  const range = timeRange(value, nowMs, { defaultMs: DEFAULT_SEARCH_RANGE_MS });
  if (!range.ok) problems.push(...range.problems);
  problems.push(...contradictions(value));
  if (!range.ok || problems.length > 0) return { ok: false, problems };
  const { startMs, endMs } = range.range;
  const cursor = value.cursor ?? null;
  const filter = {
    span: [...spanConditions(value), ...attributes.conditions],
    failed: value.error === undefined ? null : value.error === "true",
    root: ANY_TRACE.root,
    minDurationNs: value.min_duration ?? null,
    maxDurationNs: value.max_duration ?? null,
    fromNs: cursor?.fromNs ?? nsOf(startMs),
    toNs: nsOf(endMs),
  };
  const limit = value.limit ?? DEFAULT_TRACE_LIMIT;
  return { ok: true, search: { filter, limit, cursor } };
}

type TraceParameters = z.infer<typeof traceParameters>;

function parsed<Value>(
  parse: (text: string) => Value | undefined,
  message: string,
) {
  return z.pipe(
    z.string(),
    z.transform((text: string, context): Value => {
      const value = parse(text);
      if (value !== undefined) return value;
      context.issues.push({ code: "custom", message, input: text });
      return z.NEVER;
    }),
  );
}

function wholeNs(text: string): number | undefined {
  const ns = Number(text);
  return Number.isSafeInteger(ns) ? ns : undefined;
}

/** Never before the epoch, where no span is. */
function nsOf(ms: number): bigint {
  return BigInt(Math.max(Math.round(ms), 0)) * 1_000_000n;
}

function contradictions(asked: TraceParameters): ParameterProblem[] {
  const problems: ParameterProblem[] = [];
  const { min_duration: min = 0, max_duration: max } = asked;
  if (max !== undefined && max < min) {
    problems.push({
      parameter: "max_duration",
      value: `${max} ns`,
      problem: `must be at least min_duration, which is ${min} ns`,
    });
  }
  for (const parameter of ["namespace", "environment"] as const) {
    const value = asked[parameter];
    if (value === undefined || asked.service !== undefined) continue;
    const problem = "needs `service`, which it tells from others of its name";
    problems.push({ parameter, value, problem });
  }
  return problems;
}

function spanConditions(
  { service, namespace, environment, operation, resource }: TraceParameters,
): SpanCondition[] {
  const conditions: SpanCondition[] = [];
  if (service !== undefined) {
    conditions.push({
      on: "service",
      service: {
        name: service,
        namespace: namespace ?? null,
        environment: environment ?? null,
      },
    });
  }
  if (operation !== undefined) {
    conditions.push({ on: "operation", operation: foldName(operation) });
  }
  if (resource !== undefined) conditions.push({ on: "resource", id: resource });
  return conditions;
}

function attributeConditions(texts: readonly string[]): {
  readonly conditions: readonly SpanCondition[];
  readonly problems: readonly ParameterProblem[];
} {
  const parameter = "attribute";
  if (texts.length > MAX_ASKED_ATTRIBUTES) {
    const problem = `must be given at most ${MAX_ASKED_ATTRIBUTES} times, ` +
      `not ${texts.length}`;
    return { conditions: [], problems: [{ parameter, problem }] };
  }
  const conditions: SpanCondition[] = [];
  const problems: ParameterProblem[] = [];
  for (const text of texts) {
    const colon = text.indexOf(":");
    if (text.length > MAX_ASKED_ATTRIBUTE_LENGTH || colon < 1) {
      const value = text.slice(0, 100);
      const problem = "must be key:value, as http.route:/cart, with at most " +
        `${MAX_ASKED_ATTRIBUTE_LENGTH} characters`;
      problems.push({ parameter, value, problem });
    } else {
      conditions.push(
        textAttribute(text.slice(0, colon), text.slice(colon + 1)),
      );
    }
  }
  return { conditions, problems };
}
