import { piecesOf } from "../../src/spans/span_pieces.ts";
import { encodeDeltaMessage } from "../../src/aggregate/delta_message.ts";
import { readSourceDeltas } from "../../src/aggregate/source_deltas.ts";
import { cutByShard, resourceFacts } from "../../src/ingest/cut_by_shard.ts";
import { mergeWindow } from "../../src/map/merge_window.ts";
import {
  emptyWindow,
  type ServiceWindow,
} from "../../src/map/service_window.ts";
import { encodeWindow } from "../../src/map/service_window_codec.ts";
import type { SpanBatch } from "../../src/otlp/span_batch.ts";
import { readTracesProtobuf } from "../../src/otlp/traces_protobuf.ts";
import { DeltaBook, type ServiceDelta } from "../../src/trace/delta_book.ts";
import { admitSpan, expireHalf } from "../../src/trace/join.ts";
import { endMs } from "../../src/trace/span_facts.ts";
import {
  readMessage,
  type TraceMessage,
} from "../../src/trace/trace_message.ts";
import {
  emptyTrace,
  type Half,
  type TraceState,
} from "../../src/trace/trace_state.ts";
import { readingPayload } from "./reading_payload.ts";

/** The stages from a body's bytes to its services' windows, in order. */
export const INGEST_STAGES = [
  "read",
  "cut",
  "decode",
  "join",
  "pack",
  "merge",
  "save",
] as const;

/** One of `INGEST_STAGES`. */
export type IngestStage = (typeof INGEST_STAGES)[number];

/** What taking spans in costs, all but storage and calls between objects. */
export interface IngestFigures {
  /** What every figure is of: bodies between two ticks, and their spans. */
  readonly payload: { readonly bodies: number; readonly spans: number };
  /** Median over the rounds, ns a span. */
  readonly nsPerSpan: Readonly<Record<IngestStage | "all", number>>;
  /** Median over the rounds of the ratio to `read`. */
  readonly toRead: Readonly<Record<IngestStage | "all", number>>;
}

type Times = Record<IngestStage | "all", number>;

const WARM_UP_ROUNDS = 30;
const ROUNDS = 60;
const SHARDS = 4;
/** Bodies between two ticks. */
const BODIES = 16;

/**
 * Measures every stage of the ingest path, all in turn, over and over: `read`
 * a body, `cut` it into messages, `decode` them in the shard, `join` their
 * spans, `pack` what a tick tells the services, `merge` it into their minutes,
 * encode those to `save` them. Takes a few seconds.
 */
export function benchIngest(): Promise<IngestFigures> {
  const bodies = distinctBodies();
  const rounds: Times[] = [];
  let spans = 0;
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    const ingest = new TimedIngest();
    ingest.run(bodies);
    spans = ingest.spans;
    if (round >= WARM_UP_ROUNDS) rounds.push(ingest.times);
  }
  function medians(of: (times: Times, stage: keyof Times) => number): Times {
    const figures = noTimes();
    for (const stage of [...INGEST_STAGES, "all"] as const) {
      figures[stage] = median(rounds.map((times) => of(times, stage)));
    }
    return figures;
  }
  return Promise.resolve({
    payload: { bodies: bodies.length, spans },
    nsPerSpan: medians((times, stage) => times[stage] * 1e6 / spans),
    toRead: medians((times, stage) => times[stage] / times.read),
  });
}

/** One second of a service: what is posted, then a tick of each shard. */
class TimedIngest {
  /** ms. */
  readonly times: Times = noTimes();
  spans = 0;
  readonly #shards = Array.from({ length: SHARDS }, () => new JoiningShard());
  readonly #minutes: Map<string, ServiceWindow> = new Map();

  run(bodies: readonly Uint8Array[]): void {
    bodies.forEach((body, at) => this.#take(body, at));
    this.#shards.forEach((shard, at) => this.#tell(shard, `shard ${at}`));
    this.#timed("save", () => {
      for (const window of this.#minutes.values()) encodeWindow(window);
    });
  }

  #take(body: Uint8Array, at: number): void {
    const batch = this.#timed("read", () => readBatch(body));
    // Equal durations, of all spans, are nothing that a service sees.
    batch.spans.forEach((row, index) => {
      const factor = 1 + (at * 7919 + index * 104_729) % 1000 / 1000;
      Object.assign(row, { durationNs: Math.round(row.durationNs * factor) });
    });
    const messages = this.#timed("cut", () => {
      const resources = resourceFacts(batch);
      const pieces = piecesOf(body, "protobuf");
      return [...cutByShard(batch, {
        shards: SHARDS,
        resources,
        sent: { encoding: "protobuf", pieces },
        notKept: () => undefined,
      })];
    });
    for (const { shard, message } of messages) {
      const { message: read } = this.#timed(
        "decode",
        () => readMessage(message),
      );
      this.#timed("join", () => this.#shards[shard]?.join(read));
      this.spans += read.spans.length;
    }
  }

  #tell(shard: JoiningShard, source: string): void {
    this.#timed("join", () => shard.expire());
    const messages = this.#timed(
      "pack",
      () => shard.book.drain().map((delta) => encodeDelta(delta, source)),
    );
    this.#timed("merge", () => {
      for (const message of messages) this.#merge(message);
    });
  }

  #merge(message: Uint8Array): void {
    const { owner, deltas } = readSourceDeltas(message);
    for (const { minutes } of deltas) {
      for (const { startS, window } of minutes) {
        const key = `${owner.service.name} ${startS}`;
        const into = this.#minutes.get(key) ?? emptyWindow();
        this.#minutes.set(key, into);
        mergeWindow(into, window);
      }
    }
  }

  #timed<Result>(stage: IngestStage, run: () => Result): Result {
    const startMs = performance.now();
    const result = run();
    const ms = performance.now() - startMs;
    this.times[stage] += ms;
    this.times.all += ms;
    return result;
  }
}

/** What a shard does with spans, without its disk. */
class JoiningShard {
  readonly book = new DeltaBook();
  readonly #traces: Map<string, TraceState> = new Map();
  readonly #waiting: Half[] = [];

  join({ spans }: TraceMessage): void {
    const context = {
      book: this.book,
      wait: (half: Half): void => void this.#waiting.push(half),
    };
    for (const span of spans) {
      let state = this.#traces.get(span.traceId);
      if (state === undefined) {
        state = emptyTrace();
        this.#traces.set(span.traceId, state);
      }
      admitSpan(context, state, { span, arrivedMs: endMs(span) });
    }
  }

  expire(): void {
    for (const half of this.#waiting) expireHalf(this.book, half);
  }
}

function encodeDelta(delta: ServiceDelta, source: string): Uint8Array {
  const minutes = Array.from(delta.minutes, ([startS, window]) => ({
    startS,
    encoded: encodeWindow(window),
  }));
  return encodeDeltaMessage({
    tenant: "default",
    service: delta.service,
    source,
    deltas: [{ sequence: 1, minutes }],
  });
}

/** Bodies that differ in their trace ids. */
function distinctBodies(): readonly Uint8Array[] {
  const { protobuf } = readingPayload();
  const { spans } = readBatch(protobuf);
  return Array.from({ length: BODIES }, (_, body) => {
    const bytes = protobuf.slice();
    for (const { traceAt } of spans) bytes[traceAt] = body + 1;
    return bytes;
  });
}

function readBatch(body: Uint8Array): SpanBatch {
  const read = readTracesProtobuf(body);
  if (!read.ok) throw new Error(`Cannot read the payload: ${read.reason}`);
  return read.batch;
}

function noTimes(): Times {
  return {
    read: 0,
    cut: 0,
    decode: 0,
    join: 0,
    pack: 0,
    merge: 0,
    save: 0,
    all: 0,
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >>> 1] ?? NaN;
}
