import type { Context } from "hono";
import type { AppEnv } from "./app_env.ts";
import { requestId } from "./request_id.ts";

/** What a route can say of the request that it serves. */
export interface RequestNotes {
  /** Bytes of the body as they came. */
  readonly bytesIn?: number;
  /** Spans acknowledged. */
  readonly spansAccepted?: number;
  /** Spans that can never be taken. */
  readonly spansRejected?: number;
  /** Why the request was refused: one of few words, never a text of the client. */
  readonly refusal?: string;
}

/** A part of the work on a request. Times are ms since the epoch. */
export interface RequestStep {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  /** It threw. */
  readonly failed: boolean;
}

/**
 * What becomes known of a request while it is served. A Worker's clock stands
 * still while it computes, so a step shows how long it waited for others.
 */
export class RequestRecord {
  readonly id: string;
  /** ms since the epoch. */
  readonly startMs: number;
  #notes: RequestNotes = {};
  readonly #steps: RequestStep[] = [];

  constructor(id: string, startMs: number) {
    this.id = id;
    this.startMs = startMs;
  }

  /** What was noted, the last of each. */
  get notes(): RequestNotes {
    return this.#notes;
  }

  /** The steps that have ended, in the order of their ends. */
  get steps(): readonly RequestStep[] {
    return this.#steps;
  }

  /** Notes facts for the log and the counters. */
  note(notes: RequestNotes): void {
    this.#notes = { ...this.#notes, ...notes };
  }

  /** Does a part of the work, and notes how long it took. */
  async step<T>(name: string, work: () => Promise<T>): Promise<T> {
    const startMs = Date.now();
    let failed = true;
    try {
      const result = await work();
      failed = false;
      return result;
    } finally {
      this.#steps.push({ name, startMs, endMs: Date.now(), failed });
    }
  }
}

/**
 * The record of the request under way.
 *
 * @example A route notes what it received
 * ```ts
 * import { Hono } from "hono";
 * import type { AppEnv } from "../src/http/app_env.ts";
 * import { recordOf } from "../src/http/request_record.ts";
 *
 * const app = new Hono<AppEnv>();
 * app.get("/", async (context) => {
 *   recordOf(context).note({ bytesIn: 3 });
 *   await recordOf(context).step("think", () => Promise.resolve());
 *   const { notes, steps } = recordOf(context);
 *   return context.json({ ...notes, steps: steps.map(({ name }) => name) });
 * });
 * const answer = await app.request("/");
 * expect(await answer.json()).toEqual({ bytesIn: 3, steps: ["think"] });
 * ```
 */
export function recordOf(context: Context<AppEnv>): RequestRecord {
  const known = context.get("record");
  if (known !== undefined) return known;
  const id = requestId(context.req.raw.headers);
  const record = new RequestRecord(id, Date.now());
  context.set("record", record);
  return record;
}
