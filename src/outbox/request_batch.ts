import type { Failure, Outcome } from "./classify_answer.ts";
import type { OutboxState } from "./outbox_state.ts";
import type { Item, OutboxStore } from "./outbox_store.ts";
import type { ReceivedRequest } from "./received_request.ts";

/** So many spans are sent without waiting for more. */
export const BATCH_SPANS = 5000;
/** How long the first request of a batch waits for others, ms. */
export const BATCH_WAIT_MS = 1000;
/** The most spans of a batch, but for one request that alone has more. */
export const MAX_BATCH_SPANS = 20_000;
/** The most bytes, as they are stored, but for one request that has more. */
export const MAX_BATCH_BYTES = 8 * 1024 * 1024;
/** The most requests of a batch. */
export const MAX_BATCH_REQUESTS = 1000;
/** Doubtful attempts after which later requests are tried as probes. */
export const MAX_STRIKES = 3;

/** Requests that are sent at once. */
export interface RequestBatch {
  /** At least one, oldest first. */
  readonly requests: readonly ReceivedRequest[];
  /** The same however often the same requests are sent. */
  readonly token: string;
}

/** What became of a batch. */
export interface BatchOutcome {
  /** Of all that could be read. */
  readonly outcome: Outcome;
  /** Those that cannot be, by their place in the batch. */
  readonly unreadable: readonly {
    readonly at: number;
    readonly failure: Failure;
  }[];
}

/** Sends requests at once. */
export type SendBatch = (batch: RequestBatch) => Promise<BatchOutcome>;

/** Items that are sent at once. */
export interface ItemBatch {
  /** At least one, oldest first. */
  readonly items: readonly Item[];
  readonly token: string;
}

/** A way to send single requests, for what sends batches. */
export function sendSingly(
  send: (request: ReceivedRequest) => Promise<Outcome>,
): SendBatch {
  return async ({ requests: [request] }) => {
    if (request === undefined) throw new RangeError("A batch has a request");
    return { outcome: await send(request), unreadable: [] };
  };
}

/** An item by itself. */
export function batchOfOne(item: Item): ItemBatch {
  return { items: [item], token: tokenOf(item, item) };
}

/**
 * When the items that wait are to be sent as a batch, ms since the epoch: at
 * once where there are enough of them. Reads no further than that.
 *
 * @returns null where nothing waits.
 */
export function batchDueMs(store: OutboxStore): number | null {
  const oldest = store.oldest();
  if (oldest === null) return null;
  const isDue = oldest.strikes >= MAX_STRIKES || gather(store).isEnough;
  return isDue ? 0 : oldest.storedMs + BATCH_WAIT_MS;
}

/**
 * What is to be sent next, in the caller's transaction. A batch is noted in the
 * state before it is sent, and stays what it is until it has come to an end:
 * a server that has it already knows it by its token, also where we were ended
 * in between, and more requests have come since.
 *
 * @returns null where it is to wait for more, or nothing waits.
 */
export function nextBatch(
  store: OutboxStore,
  state: OutboxState,
  nowMs: number,
): ItemBatch | null {
  if (state.batch !== null) {
    const { lastId, token } = state.batch;
    const items = Array.from(store.waitingUpTo(lastId));
    if (items.length > 0) return { items, token };
    state.batch = null;
  }
  const oldest = store.oldest();
  if (oldest === null) return null;
  if (oldest.strikes >= MAX_STRIKES) return batchOfOne(oldest);
  const { items, isEnough } = gather(store);
  const last = items.at(-1);
  if (last === undefined) return null;
  if (!isEnough && oldest.storedMs + BATCH_WAIT_MS > nowMs) return null;
  const token = tokenOf(oldest, last);
  state.batch = { lastId: last.id, token };
  return { items, token };
}

/** The items at the head that go together, and whether more would not. */
function gather(
  store: OutboxStore,
): { readonly items: readonly Item[]; readonly isEnough: boolean } {
  const items: Item[] = [];
  let spans = 0;
  let bytes = 0;
  for (const item of store.waitingUpTo(Infinity)) {
    const isFull = items.length === MAX_BATCH_REQUESTS ||
      spans + item.spans > MAX_BATCH_SPANS ||
      bytes + item.bytes > MAX_BATCH_BYTES;
    // One that failed too often is sent alone, when it is its turn.
    if (items.length > 0 && (isFull || item.strikes >= MAX_STRIKES)) {
      return { items, isEnough: true };
    }
    items.push(item);
    spans += item.spans;
    bytes += item.bytes;
  }
  const isEnough = spans >= BATCH_SPANS || bytes >= MAX_BATCH_BYTES ||
    items.length === MAX_BATCH_REQUESTS;
  return { items, isEnough };
}

/** The time tells an outbox from one before it whose storage was deleted. */
function tokenOf(first: Item, last: Item): string {
  return `${first.id}-${last.id}-${first.storedMs}`;
}
