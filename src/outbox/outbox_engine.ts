import type { Failure, Outcome } from "./classify_answer.ts";
import { type Admission, admit, dropOld } from "./admit_request.ts";
import {
  MAX_DEAD_LETTER_BYTES,
  MAX_DEAD_LETTERS,
  type OutboxLimits,
} from "./outbox_limits.ts";
import type { OutboxState } from "./outbox_state.ts";
import type { OutboxStatus } from "./outbox_status.ts";
import {
  type DeadLetter,
  type Item,
  OutboxStore,
  type StoredRequest,
} from "./outbox_store.ts";
import { type ReceivedRequest, storedBytes } from "./received_request.ts";
import { retryWaitMs } from "./retry_wait.ts";

/** How long one run may begin new attempts, ms. */
export const OUTBOX_RUN_MS = 30_000;
/** Doubtful attempts after which later requests are tried as probes. */
export const MAX_STRIKES = 3;

/** Why a request goes to the dead letters at once. */
export type Refusal = Pick<DeadLetter, "reason" | "status">;

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
  /** Posts a request; null where the target is configured no longer. */
  readonly send: ((request: ReceivedRequest) => Promise<Outcome>) | null;
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

const NOT_CONFIGURED: Failure = {
  kind: "misconfigured",
  reason: "The target is configured no longer: configure it again, or what " +
    "waits is dropped at OUTBOX_MAX_AGE_HOURS",
  label: "not_configured",
  status: null,
  retryAfterMs: null,
};

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
    this.#bury(state, item, refusal);
    return { ok: true, dropped: false };
  }

  /** When to run next, ms since the epoch; null where nothing waits. */
  nextRunMs(): number | null {
    const state = this.#store.state();
    return state.items === 0 ? null : state.nextAttemptMs;
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
      if (run.send === null) return this.#failed(head, NOT_CONFIGURED, run);
      const probe = head.strikes >= MAX_STRIKES && failures % 2 === 1
        ? this.#store.nextAfter(head.id, MAX_STRIKES)
        : null;
      const passed = await this.#attempt(probe ?? head, run);
      if (probe !== null && passed) {
        await this.#attempt(head, run, { last: true });
      }
    }
  }

  /** Whether the target took it. */
  async #attempt(
    item: Item,
    run: OutboxRun,
    { last = false }: { readonly last?: boolean } = {},
  ): Promise<boolean> {
    const request = this.#store.request(item);
    if (request === null || run.send === null) {
      // It was let go for want of room while another was under way.
      this.#change((state) => this.#dequeue(state, item));
      return false;
    }
    const outcome = await run.send(request);
    if (outcome.kind === "delivered") {
      this.#delivered(item, outcome, run.now());
    } else if (
      outcome.kind === "never" || last && outcome.kind === "doubtful"
    ) {
      this.#neverPasses(item, outcome, run.now());
    } else this.#failed(item, outcome, run);
    return outcome.kind === "delivered";
  }

  #delivered(
    item: Item,
    { rejected, message }: Extract<Outcome, { kind: "delivered" }>,
    nowMs: number,
  ): void {
    this.#change((state) => {
      state.attempts++;
      state.delivered++;
      state.failures = 0;
      state.nextAttemptMs = 0;
      state.lastDeliveredMs = nowMs;
      state.rejectedByTarget += rejected;
      if (message !== "") noteError(state, message, nowMs);
      if (this.#dequeue(state, item)) this.#store.deleteBody(item.bodyId);
    });
  }

  #neverPasses(item: Item, failure: Failure, nowMs: number): void {
    this.#change((state) => {
      countFailure(state, failure, nowMs);
      state.failures = 0;
      state.nextAttemptMs = 0;
      if (this.#dequeue(state, item)) this.#bury(state, item, failure);
    });
  }

  #failed(item: Item, failure: Failure, run: OutboxRun): void {
    const nowMs = run.now();
    const random = run.random();
    this.#change((state) => {
      countFailure(state, failure, nowMs);
      state.failures++;
      const { failures } = state;
      state.nextAttemptMs = nowMs + retryWaitMs(failure, { failures, random });
      if (failure.kind === "doubtful") this.#store.strike(item.id);
    });
  }

  /** It may be gone by now, for want of room. */
  #dequeue(state: OutboxState, item: Item): boolean {
    if (!this.#store.deleteItem(item.id)) return false;
    state.items--;
    state.bytes -= item.bytes;
    return true;
  }

  #bury(state: OutboxState, meta: StoredRequest, refusal: Refusal): void {
    this.#store.bury(meta, refusal);
    state.deadLettered++;
    state.deadLetters++;
    state.deadLetterBytes += meta.bytes;
    while (
      state.deadLetters > MAX_DEAD_LETTERS ||
      state.deadLetterBytes > MAX_DEAD_LETTER_BYTES
    ) {
      const [oldest] = this.#store.deadLetters(0, 1);
      if (oldest === undefined) return;
      this.#forget(state, oldest);
      state.deadLettersDropped++;
    }
  }

  #forget(state: OutboxState, letter: DeadLetter): void {
    this.#store.deleteBody(letter.bodyId);
    this.#exhume(state, letter);
  }

  #exhume(state: OutboxState, letter: DeadLetter): void {
    this.#store.deleteDeadLetter(letter.id);
    state.deadLetters--;
    state.deadLetterBytes -= letter.bytes;
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
    this.#change((state) => this.#forget(state, letter));
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
      letters.filter((letter) => this.#revive(state, letter, conditions)).length
    );
    return { replayed, unknown, refused: letters.length - replayed };
  }

  #revive(
    state: OutboxState,
    letter: DeadLetter,
    conditions: OutboxConditions,
  ): boolean {
    const { bytes } = letter;
    // Nothing is let go to make room for what has failed once.
    const limits = { ...conditions.limits, whenFull: "refuse" as const };
    const wanted = { bytes, nowMs: conditions.nowMs, limits };
    if (!admit(this.#store, state, wanted).ok) return false;
    this.#exhume(state, letter);
    this.#store.revive(letter, conditions.nowMs);
    state.items++;
    state.bytes += bytes;
    state.replayed++;
    return true;
  }
}

function countFailure(
  state: OutboxState,
  { label, reason }: Failure,
  nowMs: number,
): void {
  if (label !== NOT_CONFIGURED.label) state.attempts++;
  state.failed[label] = (state.failed[label] ?? 0) + 1;
  noteError(state, reason, nowMs);
}

function noteError(state: OutboxState, reason: string, nowMs: number): void {
  state.lastError = reason;
  state.lastErrorMs = nowMs;
}
