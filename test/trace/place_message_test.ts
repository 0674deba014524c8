import * as fc from "fast-check";
import { expect, test } from "vitest";
import { OverloadedError } from "../../src/storage/group_commit.ts";
import {
  newerLayout,
  newestShards,
  type ShardLayout,
  shardOf,
} from "../../src/trace/ownership.ts";
import {
  MAX_PLACING_ROUNDS,
  ownPart,
  placeMessage,
  type PlacingShard,
} from "../../src/trace/place_message.ts";
import {
  decodeTraceMessage,
  readMessage,
} from "../../src/trace/trace_message.ts";
import type { GeneratedSpan } from "./brute_force_map.ts";
import { messageOf } from "./message_of.ts";
import { smallId, spanArbitrary } from "./span_arbitrary.ts";

const NOW_MS = 1_700_000_000_000;
const NOTHING = messageOf([]);

function layoutOf(...shards: readonly number[]): ShardLayout {
  return shards.map((count, at) => ({ shards: count, sinceMs: NOW_MS + at }));
}

/** What a message holds, by trace. */
function itemsOf(bytes: Uint8Array): [string, string][] {
  const message = decodeTraceMessage(bytes);
  return [
    ...message.spans.map((span): [string, string] => [
      span.traceId,
      span.spanId,
    ]),
    ...message.links.map(({ target, consumer }): [string, string] => [
      target.traceId,
      target.spanId + consumer.traceId + consumer.spanId,
    ]),
  ];
}

/** Shards whose every step between two awaits comes in any order. */
class Network {
  readonly scheduler: fc.Scheduler;
  readonly shards: Map<number, SimulatedShard> = new Map();
  /** Whether the next write is acknowledged. */
  readonly acknowledges: () => boolean;

  constructor(scheduler: fc.Scheduler, acknowledges: () => boolean) {
    this.scheduler = scheduler;
    this.acknowledges = acknowledges;
  }

  shard(number: number): SimulatedShard {
    const shard = this.shards.get(number) ?? new SimulatedShard(number, this);
    this.shards.set(number, shard);
    return shard;
  }

  async step(): Promise<void> {
    await this.scheduler.schedule(Promise.resolve());
  }

  /** Sends as a Worker does that knows a layout, until it is acknowledged. */
  async send(message: Uint8Array, layout: ShardLayout): Promise<void> {
    const [first] = itemsOf(message);
    if (first === undefined) return;
    const owner = shardOf(first[0], newestShards(layout));
    for (;;) {
      await this.step();
      try {
        await this.shard(owner).accept(message, layout);
        return;
      } catch (error) {
        if (!(error instanceof OverloadedError)) throw error;
      }
    }
  }

  /** All that is stored, by trace; the shards' own numbers are left out. */
  stored(): Map<string, string[][]> {
    const stored = new Map<string, string[][]>();
    for (const { traces } of this.shards.values()) {
      for (const [traceId, items] of traces) {
        const all = stored.get(traceId) ?? [];
        stored.set(traceId, [...all, [...items].toSorted()]);
      }
    }
    return stored;
  }
}

class SimulatedShard implements PlacingShard {
  readonly shard: number;
  readonly #network: Network;
  readonly traces: Map<string, Set<string>> = new Map();
  #layout: ShardLayout = [];

  constructor(shard: number, network: Network) {
    this.shard = shard;
    this.#network = network;
  }

  layout(): ShardLayout {
    return this.#layout;
  }

  nowMs(): number {
    return NOW_MS;
  }

  knows(traceId: string): boolean {
    return this.traces.has(traceId);
  }

  async accept(message: Uint8Array, layout: ShardLayout): Promise<void> {
    this.#layout = newerLayout(this.#layout, layout);
    await placeMessage(message, this);
  }

  async store(
    message: Uint8Array,
    askedVersion: number,
  ): Promise<Uint8Array | null> {
    await this.#network.step();
    const { own, rest } = ownPart(readMessage(message), {
      shard: this.shard,
      layout: this.#layout,
      nowMs: NOW_MS,
      askedVersion,
      knows: (traceId) => this.knows(traceId),
    });
    for (const [traceId, item] of itemsOf(own?.bytes ?? NOTHING)) {
      const items = this.traces.get(traceId) ?? new Set();
      this.traces.set(traceId, items.add(item));
    }
    await this.#network.step();
    if (this.#network.acknowledges()) return rest?.bytes ?? null;
    throw new OverloadedError("The acknowledgement got lost");
  }

  async ask(
    owner: number,
    question: {
      readonly traceIds: readonly string[];
      readonly layout: ShardLayout;
    },
  ): Promise<readonly string[]> {
    await this.#network.step();
    const asked = this.#network.shard(owner);
    asked.#layout = newerLayout(asked.#layout, question.layout);
    const known = question.traceIds.filter((id) => asked.knows(id));
    await this.#network.step();
    return known;
  }

  async pass(
    owner: number,
    passed: { readonly message: Uint8Array; readonly layout: ShardLayout },
  ): Promise<void> {
    await this.#network.step();
    await this.#network.shard(owner).accept(passed.message, passed.layout);
  }
}

/** The spans cut as a Worker does that knows a layout. */
function cut(
  spans: readonly GeneratedSpan[],
  layout: ShardLayout,
): readonly Uint8Array[] {
  const byShard = Map.groupBy(
    spans,
    ({ span }) => shardOf(span.traceId, newestShards(layout)),
  );
  return Array.from(
    byShard.values(),
    // Links would go to other shards: they are left to the test in workerd.
    (own) => messageOf(own.map(({ span }) => ({ span, links: [] }))),
  );
}

const sending = fc.record({
  spans: fc.array(spanArbitrary(NOW_MS), { minLength: 1, maxLength: 4 }),
  /** How many epochs the sender knows. */
  epochs: fc.integer({ min: 1, max: 4 }),
});

test("placeMessage() lets one shard own a trace, whatever the senders know and however their steps mix", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(sending, { minLength: 1, maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 4, maxLength: 4 }),
      fc.array(fc.boolean(), { maxLength: 6 }),
      async (scheduler, sendings, counts, lost) => {
        const network = new Network(
          scheduler,
          () => lost.pop() !== true,
        );
        const messages = sendings.flatMap(({ spans, epochs }) => {
          const layout = layoutOf(...counts.slice(0, epochs));
          return cut(spans, layout).map((message) => ({ message, layout }));
        });
        await scheduler.waitFor(Promise.all(
          messages.map(({ message, layout }) => network.send(message, layout)),
        ));
        const expected = new Map<string, Set<string>>();
        for (const { message } of messages) {
          for (const [traceId, item] of itemsOf(message)) {
            const items = expected.get(traceId) ?? new Set();
            expected.set(traceId, items.add(item));
          }
        }
        const stored = network.stored();
        expect(new Set(stored.keys())).toEqual(new Set(expected.keys()));
        for (const [traceId, items] of expected) {
          expect(stored.get(traceId)).toEqual([[...items].toSorted()]);
        }
      },
    ),
    { numRuns: 500 },
  );
});

/** A shard under whose feet the layout changes with every write. */
function restless(changes: number): PlacingShard {
  const counts = [1, 2];
  return {
    shard: 0,
    layout: () => layoutOf(...counts),
    nowMs: () => NOW_MS,
    knows: () => false,
    store(message) {
      if (counts.length === 2 + changes) return Promise.resolve(null);
      counts.push(counts.length);
      return Promise.resolve(message);
    },
    ask: () => Promise.resolve([]),
    pass: () => Promise.resolve(),
  };
}

test("placeMessage() gives up when the layout changes in every round", async () => {
  const spans = fc.sample(spanArbitrary(NOW_MS), { numRuns: 1, seed: 1 });
  // 240 is a multiple of every number of shards here: shard 0 owns the trace.
  const message = messageOf(spans.map(({ span }) => ({
    span: { ...span, traceId: smallId(16, 240).replaceAll("\u0001", "\u0000") },
    links: [],
  })));
  await placeMessage(message, restless(MAX_PLACING_ROUNDS - 1));
  await expect(placeMessage(message, restless(MAX_PLACING_ROUNDS)))
    .rejects.toThrow(OverloadedError);
});
