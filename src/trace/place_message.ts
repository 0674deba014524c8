import { OverloadedError } from "../storage/group_commit.ts";
import { cutMessage, tracesOf } from "./cut_message.ts";
import {
  layoutVersion,
  type OwnershipView,
  routeOf,
  type ShardLayout,
} from "./ownership.ts";
import { type ReadMessage, readMessage } from "./trace_message.ts";

/** How often a message is placed anew because the layout changed meanwhile. */
export const MAX_PLACING_ROUNDS = 4;

/** A shard as the placing of messages sees it. */
export interface PlacingShard {
  /** Its number. */
  readonly shard: number;
  /** The newest layout that it was told. */
  layout(): ShardLayout;
  nowMs(): number;
  knows(traceId: string): boolean;
  /**
   * Stores what `ownPart` says when it is written.
   *
   * @returns What it may not take, once the rest is on disk; null for nothing.
   */
  store(message: Uint8Array, askedVersion: number): Promise<Uint8Array | null>;
  /** Asks another shard which traces it knows; it keeps the layout for good. */
  ask(
    owner: number,
    question: {
      readonly traceIds: readonly string[];
      readonly layout: ShardLayout;
    },
  ): Promise<readonly string[]>;
  /** Has another shard take a message; settles when it is on disk. */
  pass(
    owner: number,
    passed: { readonly message: Uint8Array; readonly layout: ShardLayout },
  ): Promise<void>;
}

/** What a shard may take of a message now, and what it may not. */
export interface OwnPart {
  readonly own: ReadMessage | null;
  readonly rest: ReadMessage | null;
}

/**
 * The part of a message that a shard may take at the moment of the call: to be
 * written without an `await` in between, since another may ask for the traces.
 */
export function ownPart(message: ReadMessage, view: OwnershipView): OwnPart {
  if (view.layout.length <= 1) return { own: message, rest: null };
  const parts = cutMessage(
    message,
    (traceId) => routeOf(traceId, view).do === "take",
  );
  return { own: parts.get(true) ?? null, rest: parts.get(false) ?? null };
}

/**
 * Brings each span of a message to the shard that owns its trace; settles when
 * all are on disk. With one epoch, and for traces that it knows or that never
 * moved, it stores them at once. For others it asks all earlier owners at the
 * same time, for all traces together, and nothing is locked meanwhile: what
 * changed by the time of the write goes another round. What waits is bytes: it
 * is decoded anew where its traces are needed.
 *
 * @param message What `TraceMessageWriter` made.
 * @throws {RangeError} Where it is none.
 * @throws {OverloadedError} Where the layout changes again and again.
 * @throws What another shard threw: the sender has to come again, and what was
 *   stored already will not count twice.
 */
export async function placeMessage(
  message: Uint8Array,
  shard: PlacingShard,
): Promise<void> {
  let left: Uint8Array | null = message;
  for (let round = 0; left !== null; round++) {
    if (round === MAX_PLACING_ROUNDS) {
      throw new OverloadedError(
        `Cannot place spans: the layout changed ${round} times meanwhile; ` +
          "send them again later",
      );
    }
    left = await placeOnce(left, shard);
  }
}

async function placeOnce(
  message: Uint8Array,
  shard: PlacingShard,
): Promise<Uint8Array | null> {
  const layout = shard.layout();
  const version = layoutVersion(layout);
  if (layout.length <= 1) return shard.store(message, version);
  const { elsewhere, questions } = plan(message, shard, layout);
  await Promise.all(Array.from(questions, async ([owner, traceIds]) => {
    for (const traceId of await shard.ask(owner, { traceIds, layout })) {
      elsewhere.set(traceId, owner);
    }
  }));
  const parts = cutBytes(
    message,
    (traceId) => elsewhere.get(traceId) ?? shard.shard,
  );
  const rests = await Promise.all(parts.map(async ([owner, part]) => {
    if (owner === shard.shard) return shard.store(part, version);
    await shard.pass(owner, { message: part, layout });
    return null;
  }));
  return rests.find((rest) => rest !== null) ?? null;
}

function cutBytes(
  message: Uint8Array,
  placeOf: (traceId: string) => number,
): readonly (readonly [number, Uint8Array])[] {
  const parts = cutMessage(readMessage(message), placeOf);
  return Array.from(parts, ([owner, { bytes }]) => [owner, bytes]);
}

/** Traces of others, and whom to ask about which. */
function plan(
  message: Uint8Array,
  shard: PlacingShard,
  layout: ShardLayout,
): {
  readonly elsewhere: Map<string, number>;
  readonly questions: ReadonlyMap<number, readonly string[]>;
} {
  const elsewhere = new Map<string, number>();
  const questions = new Map<number, string[]>();
  const view: OwnershipView = {
    shard: shard.shard,
    layout,
    nowMs: shard.nowMs(),
    askedVersion: null,
    knows: (traceId) => shard.knows(traceId),
  };
  for (const traceId of tracesOf(readMessage(message))) {
    const route = routeOf(traceId, view);
    if (route.do === "pass") elsewhere.set(traceId, route.owner);
    if (route.do !== "ask") continue;
    for (const owner of route.owners) {
      const asked = questions.get(owner);
      if (asked === undefined) questions.set(owner, [traceId]);
      else asked.push(traceId);
    }
  }
  return { elsewhere, questions };
}
