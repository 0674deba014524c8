import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Delta } from "../../src/aggregate/delta_message.ts";
import { decodeWindow } from "../../src/map/service_window_codec.ts";
import { MAX_EDGES_PER_SERVICE } from "../../src/map/window_entries.ts";
import { MAX_PART_BYTES } from "../../src/storage/blob_parts.ts";
import { TICKS_BEFORE_REWRITE } from "../../src/trace/delta_outbox.ts";
import { MAX_SPANS_PER_TRACE } from "../../src/trace/join.ts";
import {
  MAX_JOURNAL_AGE_MS,
  ShardEngine,
} from "../../src/trace/shard_engine.ts";
import type { SpanFacts } from "../../src/trace/span_facts.ts";
import {
  readMessage,
  TraceMessageWriter,
} from "../../src/trace/trace_message.ts";
import { plainSpan } from "../trace/plain_span.ts";

const NOW_MS = 1_700_000_000_000;
const LONG = "漢".repeat(250);

function clientSpan(number: number, change: Partial<SpanFacts>): SpanFacts {
  return plainSpan(NOW_MS - 1000, {
    spanId: number.toString().padStart(8, "0"),
    kind: 3,
    durationNs: 1_000_000,
    service: { namespace: LONG, name: LONG, environment: LONG },
    operation: "call",
    ...change,
  });
}

function send(
  engine: ShardEngine,
  spans: readonly SpanFacts[],
  nowMs: number,
): void {
  const writer = new TraceMessageWriter();
  for (const span of spans) writer.span(span);
  const bytes = writer.finish();
  engine.accept([readMessage(bytes)], nowMs);
}

async function withStorage(
  name: string,
  use: (storage: DurableObjectStorage) => void,
): Promise<void> {
  const stub = env.TRACE_SHARD.getByName(`storage/${name}`);
  await runInDurableObject(stub, (_, state) => use(state.storage));
}

function largestBody(storage: DurableObjectStorage, table: string): number {
  const rows = storage.sql.exec<{ bytes: number }>(
    `SELECT max(length(body)) AS bytes FROM ${table}`,
  );
  return rows.one().bytes;
}

function bytesOf(storage: DurableObjectStorage, table: string): number {
  const rows = storage.sql.exec<{ bytes: number }>(
    `SELECT coalesce(sum(length(body)), 0) AS bytes FROM ${table}`,
  );
  return rows.one().bytes;
}

test("ShardEngine keeps a tick's deltas in rows that the platform takes, however long the names", async () => {
  await withStorage("long_deltas", (storage) => {
    const engine = new ShardEngine(storage);
    for (let at = 0; at < MAX_EDGES_PER_SERVICE; at++) {
      const peer = `${LONG}${at}`;
      const operation = `${at}${LONG}`;
      const span = clientSpan(at, { database: true, peer, operation });
      send(engine, [span], NOW_MS);
    }
    engine.tick(NOW_MS + 1000);
    expect(bytesOf(storage, "delta")).toBeGreaterThan(MAX_PART_BYTES);
    expect(largestBody(storage, "delta")).toBe(MAX_PART_BYTES);
    const again = new ShardEngine(storage);
    expect(again.services()).toEqual(engine.services());
    for (const id of engine.services()) {
      expect(again.attempt(id)).toEqual(engine.attempt(id));
    }
  });
});

test("ShardEngine keeps the largest trace in rows that the platform takes", async () => {
  await withStorage("large_trace", (storage) => {
    const spans = Array.from(
      { length: MAX_SPANS_PER_TRACE },
      (_, at) => clientSpan(at, { operation: `${at}${LONG}`, peer: "db" }),
    );
    const engine = new ShardEngine(storage);
    for (let at = 0; at < spans.length; at += 500) {
      send(engine, spans.slice(at, at + 500), NOW_MS);
    }
    engine.tick(NOW_MS + MAX_JOURNAL_AGE_MS);
    expect(bytesOf(storage, "journal")).toBe(0);
    expect(bytesOf(storage, "chunk")).toBeGreaterThan(2 * MAX_PART_BYTES);
    expect(largestBody(storage, "chunk")).toBe(MAX_PART_BYTES);
    const again = new ShardEngine(storage);
    send(again, spans.slice(-1), NOW_MS + MAX_JOURNAL_AGE_MS);
    expect(again.status().hotSpans).toBe(MAX_SPANS_PER_TRACE);
  });
});

test("DeltaOutbox keeps only the deltas of a service that does not confirm, added up", async () => {
  await withStorage("stuck", (storage) => {
    const engine = new ShardEngine(storage);
    const stuck = { namespace: "", name: "stuck", environment: "" };
    const well = { namespace: "", name: "well", environment: "" };
    const ticks = 4 * TICKS_BEFORE_REWRITE;
    for (let tick = 0; tick < ticks; tick++) {
      const nowMs = NOW_MS + tick * 1000;
      const spans = [
        clientSpan(2 * tick, { service: stuck, ...startOf(nowMs) }),
      ];
      for (let at = 0; at < 20; at++) {
        const id = 1_000_000 + tick * 100 + at;
        spans.push(clientSpan(id, { service: well, operation: LONG + at }));
      }
      send(engine, spans, nowMs);
      engine.tick(nowMs);
      engine.confirm("well", tick + 1);
      if (tick % 10 === 0) {
        const told = engine.attempt("stuck").map(({ sequence }) => sequence);
        expect(told).toEqual([1]);
      }
    }
    expect(engine.undeliveredBytes).toBeLessThan(2000);
    const rows = storage.sql.exec<{ bytes: number }>(
      "SELECT sum(length(body)) AS bytes FROM delta WHERE sequence < ?",
      ticks - TICKS_BEFORE_REWRITE,
    ).one().bytes;
    expect(rows).toBeLessThan(2000);
    const again = new ShardEngine(storage);
    const told = again.attempt("stuck");
    // The first, and one for each minute since.
    expect(told.length).toBe(1 + Math.ceil(ticks / 60) + 1);
    expect(spansOf(told)).toBe(ticks);
    again.confirm("well", ticks);
    again.confirm("stuck", ticks);
    expect(again.undeliveredBytes).toBe(0);
    expect(storage.sql.exec("SELECT sequence FROM delta").toArray())
      .toEqual([{ sequence: ticks }]);
  });
});

function startOf(ms: number): Pick<SpanFacts, "startHigh" | "startLow"> {
  const { startHigh, startLow } = plainSpan(ms, {});
  return { startHigh, startLow };
}

function spansOf(deltas: readonly Delta[]): number {
  return deltas.flatMap(({ minutes }) => minutes)
    .reduce(
      (sum, { encoded }) => sum + decodeWindow(encoded).counters.spans,
      0,
    );
}
