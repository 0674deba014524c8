import {
  evictAllDurableObjects,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as fc from "fast-check";
import { expect, test, vi } from "vitest";
import type { TraceShard } from "../../durable-objects/trace_shard.ts";
import { loadWindows } from "../../src/history/load_windows.ts";
import { nodeId, nodeOfId } from "../../src/map/node_identity.ts";
import { serviceAggregateName } from "../../src/object_names.ts";
import { PAIR_WAIT_MS } from "../../src/trace/join.ts";
import { bruteForceMap, type GeneratedSpan } from "../trace/brute_force_map.ts";
import { messageOf } from "../trace/message_of.ts";
import { ObservedMap } from "../trace/observed_map.ts";
import { spansArbitrary } from "../trace/span_arbitrary.ts";

const SERVICES = ["web", "cart", "orders@prod"];
const MINUTE_S = 60;

function manySpans(): readonly GeneratedSpan[] {
  const many = spansArbitrary(Date.now(), { minLength: 24 });
  return fc.sample(many, { numRuns: 1, seed: 6 })[0] ?? [];
}

async function mapOf(tenant: string): Promise<ObservedMap> {
  const nowS = Math.floor(Date.now() / 1000);
  const toS = Math.ceil(nowS / MINUTE_S + 1) * MINUTE_S;
  const loaded = await loadWindows(env, {
    tenant,
    services: SERVICES.map(nodeOfId),
    ranges: [{ resolution: MINUTE_S, fromS: toS - 6 * MINUTE_S, toS }],
    operations: true,
  });
  const observed = new ObservedMap();
  for (const { service, window } of loaded) {
    observed.add(nodeId(service), window);
  }
  return observed;
}

/** Sends spans in some messages, with an eviction of everything in between. */
async function sendEvicting(
  tenant: string,
  spans: readonly GeneratedSpan[],
): Promise<void> {
  const shard = `${tenant}/trace/0`;
  for (let at = 0; at < spans.length; at += 4) {
    const message = messageOf(spans.slice(at, at + 4));
    await env.TRACE_SHARD.getByName(shard).accept(message, { tenant, shard });
    await evictAllDurableObjects();
    if (at % 8 === 0) {
      await runDurableObjectAlarm(env.TRACE_SHARD.getByName(shard));
      await evictAllDurableObjects();
    }
  }
}

test("TraceShard and ServiceAggregate keep the exact map when everything is evicted between any two calls", async () => {
  const tenant = "evicted";
  const spans = manySpans();
  await sendEvicting(tenant, spans);
  await sendEvicting(tenant, spans);
  await vi.waitFor(async () => {
    const observed = await mapOf(tenant);
    expect(observed.map()).toEqual(bruteForceMap(spans));
  }, { timeout: PAIR_WAIT_MS + 8000, interval: 250 });
  const observed = await mapOf(tenant);
  expect(observed.duplicates()).toBe(spans.length);
});

test("TraceShard keeps deltas while a service does not answer, and delivers them in order", async () => {
  const tenant = "unreachable";
  const shard = `${tenant}/trace/0`;
  const spans = manySpans();
  const names = SERVICES.map((id) =>
    serviceAggregateName(tenant, nodeOfId(id))
  );
  for (const name of names) {
    await runInDurableObject(
      env.SERVICE_AGGREGATE.getByName(name),
      (_, state) => {
        state.storage.sql.exec("CREATE TABLE blocked (id INTEGER)");
        state.storage.sql.exec(`CREATE TRIGGER block BEFORE INSERT ON source
          BEGIN SELECT RAISE(ABORT, 'blocked for the test'); END`);
      },
    );
  }
  const stub = env.TRACE_SHARD.getByName(shard);
  await stub.accept(messageOf(spans), { tenant, shard });
  await vi.waitFor(async () => {
    const status = await stub.status();
    expect(status.undeliveredBytes).toBeGreaterThan(0);
  }, { timeout: 5000 });
  expect((await mapOf(tenant)).map().spans.size).toBe(0);
  for (const name of names) {
    await runInDurableObject(
      env.SERVICE_AGGREGATE.getByName(name),
      (_, state) => {
        state.storage.sql.exec("DROP TRIGGER block");
      },
    );
  }
  await vi.waitFor(async () => {
    const observed = await mapOf(tenant);
    expect(observed.map()).toEqual(bruteForceMap(spans));
  }, { timeout: PAIR_WAIT_MS + 8000, interval: 250 });
});

test("TraceShard.accept() refuses what is no message and stays usable", async () => {
  const identity = { tenant: "garbage", shard: "garbage/trace/0" };
  const stub = env.TRACE_SHARD.getByName(identity.shard);
  await runInDurableObject(stub, async (shard: TraceShard) => {
    await expect(shard.accept(Uint8Array.of(99, 1, 2), identity)).rejects
      .toThrow('Cannot read a message of version "99"');
  });
  await env.TRACE_SHARD.getByName(identity.shard)
    .accept(messageOf([]), identity);
});
