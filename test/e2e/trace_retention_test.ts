import { expect, test } from "vitest";
import { bytesOf } from "../../src/codec/byte_string.ts";
import { LEAST_TRACE_BYTES } from "../../src/settings.ts";
import { shardOf } from "../../src/trace/ownership.ts";
import { readTraceId } from "../../src/trace_search/trace_id.ts";
import { startService } from "../harness/service.ts";
import { wholeSpan } from "../search/whole_span.ts";
import { protobufOfSpans } from "../spans/body_of_spans.ts";

const SHARDS = 2;
const REQUESTS = 40;
const TRACES_PER_REQUEST = 10;
const SPANS_PER_TRACE = 3;
const BYTES_PER_SPAN = 40_000;
const SHARD_BYTES = LEAST_TRACE_BYTES / SHARDS;
/** Fresh spans of half of it make one, with those that come until then. */
const BATCH_BYTES = SHARD_BYTES;

interface TraceList {
  readonly traces: readonly { readonly trace_id: string }[];
  readonly next_cursor: string | null;
}

interface Status {
  readonly shards: readonly {
    readonly kept_bytes: number;
    readonly crowded_spans: number;
  }[];
}

function shardOfHex(traceId: string): number {
  return shardOf(readTraceId(traceId) ?? "", SHARDS);
}

function idOf(number: number): string {
  // Its shard follows from some of its bytes.
  const bytes = bytesOf(`${number}`.padStart(16, "0"));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}

function traceOf(number: number, startNs: bigint) {
  return Array.from({ length: SPANS_PER_TRACE }, (_, at) =>
    wholeSpan({
      traceId: idOf(number),
      spanId: `${at + 1}`.padStart(16, "0"),
      parentSpanId: at === 0 ? "" : "1".padStart(16, "0"),
      startNs: startNs + BigInt(number),
      endNs: startNs + BigInt(number) + 1000n,
      // It cannot be compressed.
      attributes: {
        blob: crypto.getRandomValues(new Uint8Array(BYTES_PER_SPAN)),
      },
      of: { "service.name": "load" },
    }));
}

async function json<Answer>(url: string): Promise<Answer> {
  const response = await fetch(url);
  const text = await response.text();
  expect([response.status, text.slice(0, 500)])
    .toEqual([200, expect.any(String)]);
  return JSON.parse(text) as Answer;
}

/** How many spans of a trace the service has. */
async function spansOf(url: string, traceId: string): Promise<number> {
  const response = await fetch(`${url}/api/v1/traces/${traceId}`);
  const text = await response.text();
  if (response.status === 404) return 0;
  expect(response.status).toBe(200);
  const { spans } = JSON.parse(text) as { readonly spans: readonly unknown[] };
  return spans.length;
}

/** The ids of all traces that a search names, the newest first. */
async function searched(url: string): Promise<readonly string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const after: string = cursor === null ? "" : `&cursor=${cursor}`;
    const page: TraceList = await json(
      `${url}/api/v1/traces?limit=100${after}`,
    );
    ids.push(...page.traces.map(({ trace_id }) => trace_id));
    cursor = page.next_cursor;
  } while (cursor !== null);
  return ids;
}

/** Somebody who posts, and somebody who looks meanwhile. */
class Trial {
  readonly #url: string;
  readonly #startNs = BigInt(Date.now()) * 1_000_000n;
  #isPosting = true;
  /** Traces that were acknowledged. */
  posted = 0;
  /** Traces that were looked at, and those that were gone by then. */
  looked = 0;
  readonly gone: string[] = [];
  /** Of one shard, at any time. */
  mostBytes = 0;

  constructor(url: string) {
    this.#url = url;
  }

  async post(): Promise<void> {
    for (let request = 0; request < REQUESTS; request++) {
      const traces = Array.from(
        { length: TRACES_PER_REQUEST },
        (_, at) => traceOf(this.posted + at, this.#startNs),
      );
      const response = await fetch(`${this.#url}/v1/traces`, {
        method: "POST",
        headers: { "content-type": "application/x-protobuf" },
        body: new Uint8Array(protobufOfSpans(traces.flat())),
      });
      await response.arrayBuffer();
      expect(response.status).toBe(200);
      this.posted += TRACES_PER_REQUEST;
    }
    this.#isPosting = false;
  }

  async look(): Promise<void> {
    while (this.#isPosting) {
      const list = `${this.#url}/api/v1/traces?limit=100`;
      const { traces } = await json<TraceList>(list);
      for (const at of [0, traces.length >> 1, traces.length - 1]) {
        const id = traces[at]?.trace_id;
        if (id === undefined) continue;
        const spans = await spansOf(this.#url, id);
        if (spans === 0) this.gone.push(id);
        else expect([id, spans]).toEqual([id, SPANS_PER_TRACE]);
        this.looked++;
      }
      const { shards } = await json<Status>(`${this.#url}/api/v1/status`);
      for (const { kept_bytes, crowded_spans } of shards) {
        this.mostBytes = Math.max(this.mostBytes, kept_bytes);
        expect(crowded_spans).toBe(0);
      }
    }
  }
}

test("GET /api/v1/traces names traces that are there as a whole, the newest of all that were posted, while more is posted than is kept", async () => {
  const env = {
    TRACE_SHARDS: `${SHARDS}`,
    TRACE_MAX_BYTES: `${LEAST_TRACE_BYTES}`,
  };
  const service = await startService({ env });
  try {
    const { url } = service;
    const trial = new Trial(url);
    await Promise.all([trial.post(), trial.look()]);
    expect(trial.looked).toBeGreaterThan(10);
    expect(trial.mostBytes).toBeGreaterThan(SHARD_BYTES / 4);
    expect(trial.mostBytes).toBeLessThanOrEqual(SHARD_BYTES + BATCH_BYTES);

    const left = await searched(url);
    const all = Array.from({ length: trial.posted }, (_, at) => idOf(at));
    for (let shard = 0; shard < SHARDS; shard++) {
      const sent = all.filter((id) => shardOfHex(id) === shard).toReversed();
      const ofShard = left.filter((id) => shardOfHex(id) === shard);
      expect(ofShard).toEqual(sent.slice(0, ofShard.length));
      expect(ofShard.length).toBeGreaterThan(10);
      expect(ofShard.length).toBeLessThan(sent.length);
    }
    for (const id of trial.gone) expect(left).not.toContain(id);
    for (const id of left.filter((_, at) => at % 5 === 0)) {
      expect([id, await spansOf(url, id)]).toEqual([id, SPANS_PER_TRACE]);
    }
  } finally {
    await service.stop();
  }
});
