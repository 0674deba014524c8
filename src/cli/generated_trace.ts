import { randomHex } from "../codec/random_hex.ts";
import {
  type ExportRequest,
  exportRequest,
  type SendingService,
  type SentSpan,
} from "../local/otlp_json.ts";
import { SpanKind, StatusCode } from "../map/span_kind.ts";

/** What a generated trace is like. */
export interface GeneratedTraceOptions {
  /** What the names of its services begin with: `shop` gives `shop-api`. */
  readonly prefix: string;
  /** Counts the traces of a run; durations come from it. */
  readonly number: number;
  /** Whether its database fails, and so all that wait for it. */
  readonly failed: boolean;
  /** When its root ends, ms since the epoch. */
  readonly endMs: number;
}

/** A generated trace. */
export interface GeneratedTrace {
  readonly traceId: string;
  /** OTLP's request. */
  readonly request: ExportRequest;
}

type Step = readonly [
  name: string,
  kind: SpanKind,
  attributes: SentSpan["attributes"],
];

const NS_PER_MS = 1_000_000n;
/** Durations of the database go from 20 to 59 ms, each of them as often. */
const LEAST_MS = 20;
const SPREAD_MS = 40;
/** Shares no divisor with the spread: neighbours are far from each other. */
const STRIDE = 17;
/** What each span takes more than the one that it waits for. */
const CALLER_MS = 5;

/**
 * How long the database of a generated trace takes, ms. The other spans take 5
 * ms more each, from callee to caller.
 */
export function databaseMs(number: number): number {
  return LEAST_MS + number * STRIDE % SPREAD_MS;
}

/**
 * A trace of three: `frontend` calls `api`, which asks its database.
 *
 * @example
 * ```ts
 * import { generatedTrace } from "../src/cli/generated_trace.ts";
 *
 * const { request } = generatedTrace({
 *   prefix: "test",
 *   number: 0,
 *   failed: false,
 *   endMs: 1_700_000_000_000,
 * });
 * const [frontend] = request.resourceSpans;
 * expect(frontend?.resource.attributes)
 *   .toEqual([{ key: "service.name", value: { stringValue: "test-frontend" } }]);
 * ```
 */
export function generatedTrace(
  { prefix, number, failed, endMs }: GeneratedTraceOptions,
): GeneratedTrace {
  const traceId = randomHex(16);
  const steps = stepsOf(prefix);
  const ids = steps.map(() => randomHex(8));
  const spans = steps.map(span);
  const requests = [
    exportRequest(service("frontend"), spans.slice(0, 2), {
      scope: "tracecore",
    }),
    exportRequest(service("api"), spans.slice(2), { scope: "tracecore" }),
  ];
  return {
    traceId,
    request: {
      resourceSpans: requests.flatMap(({ resourceSpans }) => resourceSpans),
    },
  };

  function service(name: string): SendingService {
    return { resource: { "service.name": `${prefix}-${name}` } };
  }

  function span([name, kind, attributes]: Step, depth: number): SentSpan {
    const inner = steps.length - 1 - depth;
    const ms = databaseMs(number) + CALLER_MS * inner;
    const endNs = BigInt(endMs - depth) * NS_PER_MS;
    return {
      traceId,
      spanId: ids[depth] ?? "",
      parentSpanId: ids[depth - 1] ?? "",
      traceState: "",
      name,
      kind,
      status: failed ? StatusCode.ERROR : StatusCode.UNSET,
      ...failed && inner === 0 ? { statusMessage: "connection timeout" } : {},
      startNs: endNs - BigInt(ms) * NS_PER_MS,
      endNs,
      attributes,
      links: [],
    };
  }
}

function stepsOf(prefix: string): readonly Step[] {
  return [
    ["GET /checkout", SpanKind.SERVER, {
      "http.request.method": "GET",
      "http.route": "/checkout",
    }],
    ["POST", SpanKind.CLIENT, { "http.request.method": "POST" }],
    ["POST /orders", SpanKind.SERVER, {
      "http.request.method": "POST",
      "http.route": "/orders",
    }],
    ["SELECT", SpanKind.CLIENT, {
      "db.system.name": "postgresql",
      "server.address": `${prefix}-database`,
    }],
  ];
}
