import { evictAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import {
  MAX_WAITING_BYTES as MAX_AGGREGATE_BYTES,
  type ServiceAggregate,
} from "../../durable-objects/service_aggregate.ts";
import {
  MAX_WAITING_BYTES,
  MAX_WAITING_MESSAGES,
  MAX_WRITE_BYTES,
  type TraceShard,
} from "../../durable-objects/trace_shard.ts";
import { encodeDeltaMessage } from "../../src/aggregate/delta_message.ts";
import { virtualNode } from "../../src/map/node_identity.ts";
import { packDeltas } from "../../src/trace/delta_row.ts";
import { MAX_UNDELIVERED_BYTES } from "../../src/trace/delta_outbox.ts";
import { ShardStore } from "../../src/trace/shard_store.ts";
import { messageOf } from "../trace/message_of.ts";
import { plainSpan } from "../trace/plain_span.ts";

const NOW_MS = 1_700_000_000_000;
const PART = 1024 * 1024;
const GARBAGE = Uint8Array.of(99);

/** A message of just so many bytes. */
function sized(bytes: number, make: (text: string) => Uint8Array): Uint8Array {
  const about = bytes - 1000;
  const excess = make("a".repeat(about)).length - about;
  return make("a".repeat(bytes - excess));
}

function spanMessage(operation: string): Uint8Array {
  return messageOf([{ span: plainSpan(NOW_MS, { operation }), links: [] }]);
}

/** What became of each, in the words of its error or "taken". */
async function outcomes(
  promises: readonly Promise<unknown>[],
): Promise<readonly string[]> {
  const settled = await Promise.allSettled(promises);
  return settled.map((one) =>
    one.status === "fulfilled" ? "taken" : String(one.reason.name)
  );
}

function identityOf(name: string) {
  return { tenant: name, shard: `${name}/trace/0` };
}

test("TraceShard.accept() lets MAX_WAITING_BYTES wait and refuses one byte more, before it reads it", async () => {
  const identity = identityOf("waiting bytes");
  const stub = env.TRACE_SHARD.getByName(identity.shard);
  const message = sized(PART, spanMessage);
  expect(message.length).toBe(PART);
  await runInDurableObject(stub, async (shard: TraceShard) => {
    const fitting = new Array<Uint8Array>(MAX_WAITING_BYTES / PART)
      .fill(message);
    // The first is being written.
    const promises = [messageOf([]), ...fitting, GARBAGE]
      .map((bytes) => shard.accept(bytes, identity));
    expect(await outcomes(promises))
      .toEqual(["taken", ...fitting.map(() => "taken"), "OverloadedError"]);
    expect(await outcomes([shard.accept(GARBAGE, identity)]))
      .toEqual(["RangeError"]);
  });
});

test("TraceShard.accept() refuses more than MAX_WAITING_MESSAGES that wait", async () => {
  const identity = identityOf("waiting messages");
  const stub = env.TRACE_SHARD.getByName(identity.shard);
  await runInDurableObject(stub, async (shard: TraceShard) => {
    const answers = await outcomes(Array.from(
      { length: MAX_WAITING_MESSAGES + 2 },
      () => shard.accept(messageOf([]), identity),
    ));
    expect(answers.slice(0, -1).every((answer) => answer === "taken"))
      .toBe(true);
    expect(answers.at(-1)).toBe("OverloadedError");
  });
});

test.each([
  [MAX_WRITE_BYTES, 2],
  [MAX_WRITE_BYTES + 1, 3],
])(
  "TraceShard.accept() of %d bytes beside a write under way is all in %d writes",
  async (bytes, writes) => {
    const identity = identityOf(`write of ${bytes}`);
    const stub = env.TRACE_SHARD.getByName(identity.shard);
    const half = Math.floor(bytes / 2);
    const messages = [
      messageOf([]),
      sized(half, spanMessage),
      sized(bytes - half, spanMessage),
    ];
    await runInDurableObject(stub, async (shard: TraceShard, { storage }) => {
      await Promise.all(messages.map((one) => shard.accept(one, identity)));
      const rows = storage.sql.exec("SELECT id FROM journal").toArray();
      expect(rows).toHaveLength(writes);
    });
  },
);

test("TraceShard.accept() refuses one that it cannot read, and takes those that wait beside it", async () => {
  const identity = identityOf("garbage beside others");
  const stub = env.TRACE_SHARD.getByName(identity.shard);
  await runInDurableObject(stub, async (shard: TraceShard) => {
    const messages = [
      messageOf([]),
      spanMessage("before"),
      GARBAGE,
      spanMessage("after"),
    ];
    const accepted = messages.map((bytes) => shard.accept(bytes, identity));
    expect(await outcomes(accepted))
      .toEqual(["taken", "taken", "RangeError", "taken"]);
    expect((await shard.status()).spans).toBe(2);
  });
});

test("ServiceAggregate.apply() lets MAX_WAITING_BYTES wait and refuses one byte more, before it reads it", async () => {
  const service = virtualNode("cart");
  const stub = env.SERVICE_AGGREGATE.getByName("waiting bytes");
  const make = (source: string) =>
    encodeDeltaMessage({ tenant: "waiting", service, source, deltas: [] });
  const message = sized(PART, make);
  await runInDurableObject(stub, async (object: ServiceAggregate) => {
    const fitting = new Array<Uint8Array>(MAX_AGGREGATE_BYTES / PART)
      .fill(message);
    const promises = [make("first"), ...fitting, GARBAGE]
      .map((bytes) => object.apply(bytes));
    expect(await outcomes(promises))
      .toEqual(["taken", ...fitting.map(() => "taken"), "OverloadedError"]);
    expect(await outcomes([object.apply(GARBAGE)])).toEqual(["RangeError"]);
  });
});

test.each([
  [MAX_UNDELIVERED_BYTES, "taken"],
  [MAX_UNDELIVERED_BYTES + 1, "OverloadedError"],
])(
  "TraceShard.accept() of a shard with %d undelivered bytes: %s",
  async (bytes, outcome) => {
    const identity = identityOf(`undelivered ${bytes}`);
    const stub = env.TRACE_SHARD.getByName(identity.shard);
    await runInDurableObject(stub, (_, { storage }) => {
      const summary = new Uint8Array(bytes);
      const encoded = { summary, operations: new Uint8Array() };
      const delta = { serviceId: "cart", minutes: [{ startS: 60, encoded }] };
      new ShardStore(storage.sql).appendDelta({
        sequence: 1,
        tickedMs: NOW_MS,
        journalId: 0,
        body: packDeltas([delta]),
      });
    });
    await evictAllDurableObjects();
    await runInDurableObject(stub, async (shard: TraceShard) => {
      expect(await outcomes([shard.accept(messageOf([]), identity)]))
        .toEqual([outcome]);
    });
  },
);
