import type { ByteReader } from "../codec/byte_reader.ts";
import type { ByteWriter } from "../codec/byte_writer.ts";
import type { LinkHalf, SpanFacts } from "./span_facts.ts";
import {
  type FactsReader,
  SPAN_ID_BYTES,
  TRACE_ID_BYTES,
  writeFacts,
} from "./span_facts_codec.ts";
import type { StringTable } from "./string_table.ts";

/** What has become of a half of a call. */
export const Outcome = {
  /** The other half may still come in time. */
  WAITING: 0,
  /** An edge to or from a real span was counted. */
  PAIRED: 1,
  /** An edge to a node without spans was counted. */
  VIRTUAL: 2,
  /** It was counted as unpaired. */
  UNPAIRED: 3,
  /** It is kept for its other half, and counts as nothing without it. */
  QUIET: 4,
} as const;

/** One of the numbers of `Outcome`. */
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

/** One side of a call, kept for the other side. */
export interface Half {
  readonly span: SpanFacts;
  /** The minute it counts in, unix seconds. */
  readonly minuteS: number;
  /** When it came, ms since the epoch. */
  readonly arrivedMs: number;
  outcome: Outcome;
}

/** What a shard knows of one trace. */
export interface TraceState {
  /** Identities of the spans that came (see `spanIdentity`). */
  readonly seen: Set<string>;
  /** CLIENT and PRODUCER halves, by their span id. */
  readonly clients: Map<string, Half>;
  /** SERVER and CONSUMER halves without a client yet, by the id they name. */
  readonly servers: Map<string, Half[]>;
}

/** A trace of which nothing is known. */
export function emptyTrace(): TraceState {
  return { seen: new Set(), clients: new Map(), servers: new Map() };
}

/** The halves of a trace that may still be joined in time. */
export function waitingHalves(state: TraceState): readonly Half[] {
  return [...state.clients.values(), ...[...state.servers.values()].flat()]
    .filter((half) => half.outcome === Outcome.WAITING);
}

/** What makes a span the same span within its trace. */
export function spanIdentity(span: SpanFacts): string {
  return span.spanId + String.fromCharCode(span.kind);
}

/** What makes a link the same link within the trace it points to. */
export function linkIdentity(half: LinkHalf): string {
  return half.target.spanId + half.consumer.traceId + half.consumer.spanId;
}

/** Appends a trace. `traceId` is known from around. */
export function writeTrace(
  to: ByteWriter,
  trace: { readonly id: string; readonly state: TraceState },
  strings: StringTable,
): void {
  const { id, state } = trace;
  to.varint(state.seen.size);
  for (const identity of state.seen) {
    to.byte(identity.length);
    to.rawString(identity);
  }
  to.varint(state.clients.size);
  for (const half of state.clients.values()) writeHalf(to, half, strings);
  to.varint(state.servers.size);
  for (const [awaited, halves] of state.servers) {
    to.rawString(awaited);
    to.varint(halves.length);
    for (const half of halves) {
      const elsewhere = half.span.traceId !== id;
      to.byte(elsewhere ? 1 : 0);
      if (elsewhere) to.rawString(half.span.traceId);
      writeHalf(to, half, strings);
    }
  }
}

/** The trace that `writeTrace` appended. */
export function readTrace(
  from: ByteReader,
  id: string,
  facts: FactsReader,
): TraceState {
  const state = emptyTrace();
  for (let left = from.varint(); left > 0; left--) {
    state.seen.add(from.rawString(from.byte()));
  }
  for (let left = from.varint(); left > 0; left--) {
    const half = readHalf(from, id, facts);
    state.clients.set(half.span.spanId, half);
  }
  for (let left = from.varint(); left > 0; left--) {
    const awaited = from.rawString(SPAN_ID_BYTES);
    const halves = Array.from({ length: from.varint() }, () => {
      const elsewhere = from.byte() === 1;
      return readHalf(
        from,
        elsewhere ? from.rawString(TRACE_ID_BYTES) : id,
        facts,
      );
    });
    state.servers.set(awaited, halves);
  }
  return state;
}

function writeHalf(to: ByteWriter, half: Half, strings: StringTable): void {
  to.byte(half.outcome);
  to.varint(half.minuteS);
  to.varint(half.arrivedMs);
  writeFacts(to, half.span, strings);
}

function readHalf(
  from: ByteReader,
  traceId: string,
  facts: FactsReader,
): Half {
  return {
    outcome: from.byte() as Outcome,
    minuteS: from.varint(),
    arrivedMs: from.varint(),
    span: facts.read(traceId),
  };
}
