import type { Delivered, Failure, Outcome } from "./classify_answer.ts";
import { type Admission, admit, dropOld } from "./admit_request.ts";
import { countFailure, NOT_CONFIGURED, noteError } from "./count_failure.ts";
import { bury, forget, type Refusal, revive } from "./dead_letters.ts";
import { MAX_DEAD_LETTERS, type OutboxLimits } from "./outbox_limits.ts";
import type { OutboxState } from "./outbox_state.ts";
import type { OutboxStatus } from "./outbox_status.ts";
import { type DeadLetter, type Item, OutboxStore } from "./outbox_store.ts";
import { type ReceivedRequest, storedBytes } from "./received_request.ts";
import {
  batchDueMs,
  batchOfOne,
  type ItemBatch,
  MAX_STRIKES,
  nextBatch,
  type SendBatch,
} from "./request_batch.ts";
import { retryWaitMs } from "./retry_wait.ts";

/** How long one run may begin new attempts, ms. */
export const OUTBOX_RUN_MS = 30_000;

/** A request to be stored. */
export interface Append {
  readonly request: ReceivedRequest;
  /** Set where the target has refused it for good. */
  readonly refusal: Refusal | null;
}

/** What a change depends on beside the storage. */
export interface OutboxConditions {
  /** Now, ms since the epoch. */
  readonly nowMs: number;
  readonly limits: OutboxLimits;
}

/** How to work off what waits. */
export interface OutboxRun {
  /** Sends requests; null where the target is configured no longer. */
  readonly send: SendBatch | null;
  /** Whether the target wants many requests at once, and not each by itself. */
  readonly gathers: boolean;
  /** ms since the epoch. */
  readonly now: () => number;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly limits: OutboxLimits;
}

/** What became of dead letters that were to be replayed. */
export interface Replay {
  /** Put back into the queue. */
  readonly replayed: number;
  /** Asked for, but not there. */
  readonly unknown: readonly number[];
  /** Left where they are, since the queue is full. */
  readonly refused: number;
}

/**
 * An outbox without its object: requests that a target has not taken yet, sent
 * to it one at a time in order of age until it has them. All it knows is on
 * disk; each change is one transaction.
 *
 * A request after which it is not clear whose fault it is (a 500, no answer, a
 * broken connection) gets a strike. From `MAX_STRIKES` on, it takes turns with
 * the next one: only where that one passes and the struck one fails again right
 * after, it goes to the dead letters. So one poisonous body does not hold up
 * the rest, and a sick target fills no dead letters and is not asked more often.
 *
 * Where the target wants many requests at once, a batch is treated like one
 * request, but for its end: instead of going to the dead letters it is taken
 * apart, and each of its requests is sent alone.
 */
export class OutboxEngine {
  readonly #storage: DurableObjectStorage;
  readonly #store: OutboxStore;
  #running = false;

  /** Its tables have to exist. */
  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#store = new OutboxStore(storage.sql);
  }

  #change<T>(change: (state: OutboxState) => T): T {
    return this.#storage.transactionSync(() => {
      const state = this.#store.state();
      const result = change(state);
      this.#store.saveState(state);
      return result;
    });
  }

  /** Stores requests, all in one transaction, or says why it has no room. */
  append(
    appends: readonly Append[],
    conditions: OutboxConditions,
  ): readonly Admission[] {
    return this.#change((state) =>
      appends.map(({ request, refusal }) =>
        refusal === null
          ? this.#queue(state, request, conditions)
          : this.#refused(state, { request, refusal }, conditions.nowMs)
      )
    );
  }

  #queue(
    state: OutboxState,
    request: ReceivedRequest,
    conditions: OutboxConditions,
  ): Admission {
    const bytes = storedBytes(request);
    const admission = admit(this.#store, state, { bytes, ...conditions });
    if (!admission.ok || admission.dropped) return admission;
    this.#store.append(request, conditions.nowMs);
    state.items++;
    state.stored++;
    state.bytes += bytes;
    return admission;
  }

  #refused(
    state: OutboxState,
    { request, refusal }: { request: ReceivedRequest; refusal: Refusal },
    nowMs: number,
  ): Admission {
    const item = this.#store.append(request, nowMs);
    this.#store.deleteItem(item.id);
    bury(this.#store, state, { meta: item, refusal });
    return { ok: true, dropped: false };
  }

  /**
   * When to run next, ms since the epoch; null where nothing waits.
   *
   * @param gathers As in `OutboxRun`.
   */
  nextRunMs(gathers: boolean): number | null {
    const { items, nextAttemptMs, batch } = this.#store.state();
    if (items === 0) return null;
    if (!gathers || batch !== null) return nextAttemptMs;
    return Math.max(nextAttemptMs, batchDueMs(this.#store) ?? 0);
  }

  /** Sends what waits, until nothing is due or the run has had its time. */
  async run(run: OutboxRun): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      await this.#runAlone(run);
    } finally {
      this.#running = false;
    }
  }

  async #runAlone(run: OutboxRun): Promise<void> {
    const endMs = run.now() + OUTBOX_RUN_MS;
    this.#expire(run);
    while (run.now() < endMs) {
      const { failures, nextAttemptMs } = this.#store.state();
      if (nextAttemptMs > run.now()) return;
      const head = this.#store.oldest();
      if (head === null) return;
      if (run.send === null) {
        return this.#failed(batchOfOne(head), NOT_CONFIGURED, run);
      }
      const batch = this.#nextBatch(head, run);
      if (batch === null) return;
      const probe = failures % 2 === 1 ? this.#probeAfter(batch) : null;
      const passed = await this.#attempt(probe ?? batch, run);
      if (probe !== null && passed) {
        await this.#attempt(batch, run, { last: true });
      }
    }
  }

  #nextBatch(head: Item, { gathers, now }: OutboxRun): ItemBatch | null {
    return gathers
      ? this.#change((state) => nextBatch(this.#store, state, now()))
      : batchOfOne(head);
  }

  /** What shows whether another passes where this one has failed so often. */
  #probeAfter({ items }: ItemBatch): ItemBatch | null {
    const last = items.at(-1);
    if (last === undefined || last.strikes < MAX_STRIKES) return null;
    const probe = this.#store.nextAfter(last.id, MAX_STRIKES);
    return probe === null ? null : batchOfOne(probe);
  }

  /** Whether the target took it. */
  async #attempt(
    batch: ItemBatch,
    run: OutboxRun,
    { last = false }: { readonly last?: boolean } = {},
  ): Promise<boolean> {
    const found = batch.items.map((item) => ({
      item,
      request: this.#store.request(item),
    }));
    const there = found.flatMap(({ item, request }) =>
      request === null ? [] : [{ item, request }]
    );
    if (there.length < found.length || run.send === null) {
      // They were let go for want of room while others were under way.
      this.#change((state) => {
        for (const { item, request } of found) {
          if (request === null) this.#dequeue(state, item);
        }
      });
      return false;
    }
    const requests = there.map(({ request }) => request);
    const { token } = batch;
    const { outcome, unreadable } = await run.send({ requests, token });
    const refused = new Set<Item>();
    for (const { at, failure } of unreadable) {
      const item = batch.items[at];
      if (item === undefined) continue;
      refused.add(item);
      this.#neverPasses(item, failure, run.now());
    }
    const rest = {
      items: batch.items.filter((item) => !refused.has(item)),
      token,
    };
    this.#ended(rest, outcome, { run, last });
    return outcome.kind === "delivered";
  }

  #ended(
    batch: ItemBatch,
    outcome: Outcome,
    { run, last }: { readonly run: OutboxRun; readonly last: boolean },
  ): void {
    const [first, ...more] = batch.items;
    if (outcome.kind === "delivered") {
      this.#delivered(batch, outcome, run.now());
    } else if (
      outcome.kind === "never" || last && outcome.kind === "doubtful"
    ) {
      if (more.length > 0) this.#takeApart(batch, outcome, run.now());
      else if (first !== undefined) {
        this.#neverPasses(first, outcome, run.now());
      }
    } else this.#failed(batch, outcome, run);
  }

  #delivered(
    batch: ItemBatch,
    { rejected, message }: Delivered,
    nowMs: number,
  ): void {
    this.#change((state) => {
      if (batch.items.length > 0) state.attempts++;
      state.delivered += batch.items.length;
      state.failures = 0;
      state.nextAttemptMs = 0;
      state.lastDeliveredMs = nowMs;
      state.rejectedByTarget += rejected;
      if (message !== "") noteError(state, message, nowMs);
      endBatch(state, batch);
      for (const item of batch.items) {
        if (this.#dequeue(state, item)) this.#store.deleteBody(item.bodyId);
      }
    });
  }

  /** From now on each of its requests is sent alone. */
  #takeApart(batch: ItemBatch, failure: Failure, nowMs: number): void {
    this.#change((state) => {
      countFailure(state, failure, nowMs);
      state.failures = 0;
      state.nextAttemptMs = 0;
      endBatch(state, batch);
      for (const { id } of batch.items) this.#store.strike(id, MAX_STRIKES);
    });
  }

  #neverPasses(item: Item, failure: Failure, nowMs: number): void {
    this.#change((state) => {
      countFailure(state, failure, nowMs);
      state.failures = 0;
      state.nextAttemptMs = 0;
      if (!this.#dequeue(state, item)) return;
      bury(this.#store, state, { meta: item, refusal: failure });
    });
  }

  #failed(batch: ItemBatch, failure: Failure, run: OutboxRun): void {
    const nowMs = run.now();
    const random = run.random();
    this.#change((state) => {
      countFailure(state, failure, nowMs);
      state.failures++;
      const { failures } = state;
      state.nextAttemptMs = nowMs + retryWaitMs(failure, { failures, random });
      if (failure.kind !== "doubtful") return;
      for (const { id } of batch.items) this.#store.strike(id);
    });
  }

  /** It may be gone by now, for want of room. */
  #dequeue(state: OutboxState, item: Item): boolean {
    if (!this.#store.deleteItem(item.id)) return false;
    state.items--;
    state.bytes -= item.bytes;
    return true;
  }

  #expire({ limits, now, send }: OutboxRun): void {
    if (send !== null && limits.whenFull === "refuse") return;
    const reason = send === null ? "not_configured" : "age";
    const beforeMs = now() - limits.maxAgeMs;
    const oldest = this.#store.oldest();
    if (oldest === null || oldest.storedMs >= beforeMs) return;
    this.#change((state) => dropOld(this.#store, state, { beforeMs, reason }));
  }

  /** What an operator wants to know. */
  status(): OutboxStatus {
    const oldest = this.#store.oldest();
    return { ...this.#store.state(), oldestMs: oldest?.storedMs ?? null };
  }

  /** Dead letters after one of them (0 for the first), oldest first. */
  deadLetters(afterId: number, limit: number): readonly DeadLetter[] {
    return this.#store.deadLetters(afterId, limit);
  }

  /** A dead letter as it came; null where there is none of that id. */
  deadLetter(id: number): ReceivedRequest | null {
    const letter = this.#store.deadLetter(id);
    return letter === null ? null : this.#store.request(letter);
  }

  /** Forgets a dead letter. @returns Whether there was one. */
  deleteDeadLetter(id: number): boolean {
    const letter = this.#store.deadLetter(id);
    if (letter === null) return false;
    this.#change((state) => forget(this.#store, state, letter));
    return true;
  }

  /** Puts dead letters back into the queue, as its youngest. */
  replay(
    ids: readonly number[] | "all",
    conditions: OutboxConditions,
  ): Replay {
    const unknown: number[] = [];
    const letters = ids === "all"
      ? this.#store.deadLetters(0, MAX_DEAD_LETTERS)
      : [...new Set(ids)].flatMap((id) => {
        const letter = this.#store.deadLetter(id);
        if (letter === null) unknown.push(id);
        return letter ?? [];
      });
    const replayed = this.#change((state) =>
      letters.filter((letter) =>
        revive(this.#store, state, { letter, ...conditions })
      ).length
    );
    return { replayed, unknown, refused: letters.length - replayed };
  }
}

function endBatch(state: OutboxState, { token }: ItemBatch): void {
  if (state.batch?.token === token) state.batch = null;
}
