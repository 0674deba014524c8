import type { NodeIdentity } from "../map/node_identity.ts";
import type { SpanKind, StatusCode } from "../map/span_kind.ts";

/**
 * What a trace shard needs of a span. Ids are byte strings: one character a
 * byte (`"\u0000"` to `"\u00ff"`), 16 for a trace, 8 for a span.
 */
export interface SpanFacts {
  readonly traceId: string;
  readonly spanId: string;
  /** "" for a root. */
  readonly parentId: string;
  readonly kind: SpanKind;
  readonly status: StatusCode;
  /** Start, ns since the epoch: the upper 32 bits. */
  readonly startHigh: number;
  /** Start, ns since the epoch: the lower 32 bits. */
  readonly startLow: number;
  /** 0 or more, ns. */
  readonly durationNs: number;
  readonly service: NodeIdentity;
  /** Bits of `NodeTrait` that this span shows of its service. */
  readonly traits: number;
  readonly operation: string;
  /** How many spans it stands for (1 / sampling probability). */
  readonly weight: number;
  /** Name of the node at the other end if no span comes from there, or "". */
  readonly peer: string;
  /** Whether the other end is a database. */
  readonly database: boolean;
  /** `messaging.system`, for a database its `db.system.name`, or "". */
  readonly system: string;
  /** `messaging.destination.name`, or "". */
  readonly destination: string;
  /** `METHOD route` of the request served, or "". */
  readonly endpoint: string;
  /** Whether it is a CONSUMER that names its producers by links. */
  readonly linked: boolean;
}

/** A span that a link points to; byte strings. */
export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
}

/** A CONSUMER as seen from a producer it links to, in whatever trace. */
export interface LinkHalf {
  readonly target: SpanLink;
  readonly consumer: SpanFacts;
}

const NS_PER_MS = 1e6;
const HIGH = 2 ** 32;

/**
 * When a span ended, ms since the epoch, whole.
 *
 * @example
 * ```ts
 * import { endMs } from "../src/trace/span_facts.ts";
 *
 * const start = 1_700_000_000_000_000_000n;
 * expect(endMs({
 *   startHigh: Number(start >> 32n),
 *   startLow: Number(start & 0xffffffffn),
 *   durationNs: 2_500_000,
 * })).toBe(1_700_000_000_002);
 * ```
 */
export function endMs(
  span: Pick<SpanFacts, "startHigh" | "startLow" | "durationNs">,
): number {
  // The product is beyond 2^53, its remainder is not: no digit is lost.
  const highRestNs = (span.startHigh * (HIGH % NS_PER_MS)) % NS_PER_MS;
  const highMs = Math.round((span.startHigh * HIGH - highRestNs) / NS_PER_MS);
  const restNs = highRestNs + span.startLow + span.durationNs;
  return highMs + Math.floor(restNs / NS_PER_MS);
}

/** Start of `later` less the end of `earlier`, ns, exact below 2^53. */
export function gapNs(earlier: SpanFacts, later: SpanFacts): number {
  return (later.startHigh - earlier.startHigh) * HIGH +
    (later.startLow - earlier.startLow) - earlier.durationNs;
}
