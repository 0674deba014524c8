import { evictAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as fc from "fast-check";
import { expect, test, vi } from "vitest";
import {
  MAX_PLACED_BYTES,
  type TraceShard,
} from "../../durable-objects/trace_shard.ts";
import { loadWindows } from "../../src/history/load_windows.ts";
import { nodeId, nodeOfId } from "../../src/map/node_identity.ts";
import { traceShardName } from "../../src/object_names.ts";
import { cutMessage } from "../../src/trace/cut_message.ts";
import { PAIR_WAIT_MS } from "../../src/trace/join.ts";
import {
  newestShards,
  type ShardLayout,
  shardOf,
} from "../../src/trace/ownership.ts";
import { readMessage } from "../../src/trace/trace_message.ts";
import { bruteForceMap, type GeneratedSpan } from "../trace/brute_force_map.ts";
import { messageOf } from "../trace/message_of.ts";
import { ObservedMap } from "../trace/observed_map.ts";
import { smallId, spansArbitrary } from "../trace/span_arbitrary.ts";

const SERVICES = ["web", "cart", "orders@prod"];
const MINUTE_S = 60;
const TENANTS = 12;
const STEPS = 14;
const COUNTS = [1, 3, 2, 5];
const STARTED_MS = Date.now();

/** All layouts that there ever are, oldest first. */
const LAYOUTS: readonly ShardLayout[] = COUNTS.map((_, last) =>
  COUNTS.slice(0, last + 1)
    .map((shards, at) => ({ shards, sinceMs: STARTED_MS - 1000 + at }))
);

/** Some spans, sent by an isolate that knows some layout. */
interface Sending {
  readonly spans: readonly GeneratedSpan[];
  readonly layout: ShardLayout;
}

interface Trial {
  readonly tenant: string;
  readonly spans: readonly GeneratedSpan[];
  /** What is sent at the same time, one step after the other. */
  readonly steps: readonly (readonly Sending[])[];
  /** Spans that are sent once more, each as often as it is. */
  readonly resent: number;
}

const trials: fc.Arbitrary<Omit<Trial, "tenant">> = fc.record({
  spans: spansArbitrary(STARTED_MS, { minLength: 24 }),
  places: fc.array(
    fc.record({
      step: fc.nat(STEPS - 1),
      again: fc.option(fc.nat(STEPS - 1), { freq: 2 }),
      layouts: fc.tuple(fc.nat(3), fc.nat(3)),
    }),
    { minLength: 40, maxLength: 40 },
  ),
}).map(({ spans, places }) => {
  const sent = spans.flatMap((span, at) => {
    const { step = 0, again = null, layouts = [0, 0] } = places[at] ?? {};
    const once = { span, step, layout: layoutAt(step, layouts[0]) };
    if (again === null) return [once];
    return [once, { span, step: again, layout: layoutAt(again, layouts[1]) }];
  });
  const steps = Array.from({ length: STEPS }, (_, step) => {
    const now = sent.filter((sending) => sending.step === step);
    return Array.from(
      Map.groupBy(now, ({ layout }) => layout),
      ([layout, group]) => ({
        layout,
        spans: group.map(({ span }) => span),
      }),
    );
  });
  return { spans, steps, resent: sent.length - spans.length };
});

/** One that is known by this step: the newest, or an older one. */
function layoutAt(step: number, behind: number): ShardLayout {
  const newest = Math.floor((step / STEPS) * LAYOUTS.length);
  return LAYOUTS[Math.max(0, newest - behind)] ?? [];
}

/** Sends as the Worker does. */
async function send(tenant: string, sending: Sending): Promise<void> {
  const { spans, layout } = sending;
  const bytes = messageOf(spans);
  const parts = cutMessage(
    readMessage(bytes),
    (traceId) => shardOf(traceId, newestShards(layout)),
  );
  await Promise.all(Array.from(parts, ([index, part]) => {
    const shard = traceShardName(tenant, index);
    const route = { tenant, shard, epochs: layout };
    return env.TRACE_SHARD.getByName(shard).accept(part.bytes, route);
  }));
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

test("TraceShard keeps the exact map while 1 shard becomes 3, 2 and 5, senders are behind, spans come again and everything is evicted", async () => {
  const drawn: Trial[] = fc.sample(trials, { numRuns: TENANTS, seed: 11 })
    .map((trial, at) => ({ ...trial, tenant: `reshard-${at}` }));
  for (let step = 0; step < STEPS; step++) {
    await Promise.all(
      drawn.flatMap(({ tenant, steps }) =>
        (steps[step] ?? []).map((sending) => send(tenant, sending))
      ),
    );
    await evictAllDurableObjects();
  }
  for (const { tenant, spans, resent } of drawn) {
    await vi.waitFor(async () => {
      const observed = await mapOf(tenant);
      expect(observed.map()).toEqual(bruteForceMap(spans));
      expect(observed.duplicates()).toBe(resent);
    }, { timeout: PAIR_WAIT_MS + 8000, interval: 250 });
  }
});

function oneSpan(): GeneratedSpan {
  const [spans] = fc.sample(spansArbitrary(STARTED_MS, { minLength: 1 }), {
    numRuns: 1,
    seed: 5,
  });
  const [span] = spans ?? [];
  if (span === undefined) throw new Error("Cannot draw a span");
  // Trace 3 mod 4 is shard 3.
  const traceId = smallId(16, 3).replaceAll("\u0001", "\u0000");
  return { links: [], span: { ...span.span, traceId } };
}

async function spansOf(tenant: string, shard: number): Promise<number> {
  const name = traceShardName(tenant, shard);
  return (await env.TRACE_SHARD.getByName(name).status()).spans;
}

test("TraceShard.known() seals a shard for good: what is sent to it by the old layout goes to the new owner", async () => {
  const tenant = "sealed";
  const old = [{ shards: 1, sinceMs: 1 + STARTED_MS }];
  const layout = [...old, { shards: 4, sinceMs: 2 + STARTED_MS }];
  const { span } = oneSpan();
  const shard = traceShardName(tenant, 0);
  const known = await env.TRACE_SHARD.getByName(shard)
    .known([span.traceId], { tenant, shard, epochs: layout });
  expect(known).toEqual([]);
  await evictAllDurableObjects();
  await send(tenant, { spans: [{ span, links: [] }], layout: old });
  expect(await spansOf(tenant, 0)).toBe(0);
  expect(await spansOf(tenant, 3)).toBe(1);
});

test("TraceShard.accept() leaves a trace with the shard that knew it before the change, also after a restart", async () => {
  const tenant = "stays";
  const old = [{ shards: 1, sinceMs: 1 + STARTED_MS }];
  const layout = [...old, { shards: 4, sinceMs: 2 + STARTED_MS }];
  const { span } = oneSpan();
  const spans = [{ span, links: [] }];
  await send(tenant, { spans, layout: old });
  await evictAllDurableObjects();
  await send(tenant, { spans, layout });
  expect(await spansOf(tenant, 0)).toBe(2);
  expect(await spansOf(tenant, 3)).toBe(0);
});

test("TraceShard.accept() takes what a Worker from before epochs sends", async () => {
  const tenant = "before";
  const shard = traceShardName(tenant, 2);
  const stub = env.TRACE_SHARD.getByName(shard);
  await stub.accept(messageOf([oneSpan()]), { tenant, shard });
  expect(await spansOf(tenant, 2)).toBe(1);
});

function largeMessage(): Uint8Array {
  const { span } = oneSpan();
  return messageOf(Array.from({ length: 3000 }, (_, at) => ({
    links: [],
    span: {
      ...span,
      spanId: at.toString().padStart(8, "0"),
      operation: `${at} ${"x".repeat(300)}`,
    },
  })));
}

test("TraceShard.accept() refuses the message after the last that may wait for other shards", async () => {
  const tenant = "crowded";
  const epochs = [
    { shards: 1, sinceMs: 1 + STARTED_MS },
    { shards: 4, sinceMs: 2 + STARTED_MS },
  ];
  const shard = traceShardName(tenant, 3);
  const bytes = largeMessage();
  const fitting = Math.floor(MAX_PLACED_BYTES / bytes.length);
  expect(fitting).toBeGreaterThan(5);
  await runInDurableObject(
    env.TRACE_SHARD.getByName(shard),
    async (object: TraceShard) => {
      const refused = async (count: number) => {
        const outcomes = await Promise.allSettled(Array.from(
          { length: count },
          () => object.accept(bytes, { tenant, shard, epochs }),
        ));
        return outcomes.filter((outcome) =>
          outcome.status === "rejected" &&
          String(outcome.reason).includes(`more than ${MAX_PLACED_BYTES} bytes`)
        ).length;
      };
      expect(await refused(fitting)).toBe(0);
      expect(await refused(fitting + 1)).toBe(1);
    },
  );
});
