import type { Upstream } from "./upstream.ts";

/** How long what the Worker said of its health is told again, ms. */
export const HEALTH_FRESH_MS = 1_000;
/** How long it has to say it, ms. */
export const HEALTH_TIMEOUT_MS = 2_000;

/** What the Worker says of itself. */
export interface UpstreamState {
  readonly status: "ok" | "failing" | "unreachable";
  /** Why it is not ok; null where it is. */
  readonly reason: string | null;
}

/** Asks the Worker for its health, however many ask, once a second at most. */
export class UpstreamHealth {
  readonly #upstream: Upstream;
  #askedMs = -Infinity;
  #answer: Promise<UpstreamState> | null = null;

  constructor(upstream: Upstream) {
    this.#upstream = upstream;
  }

  /** @param nowMs A clock that does not go back. */
  state(nowMs: number): Promise<UpstreamState> {
    if (this.#answer !== null && nowMs - this.#askedMs < HEALTH_FRESH_MS) {
      return this.#answer;
    }
    this.#askedMs = nowMs;
    this.#answer = ask(this.#upstream);
    return this.#answer;
  }
}

async function ask(upstream: Upstream): Promise<UpstreamState> {
  const result = await upstream.send({
    method: "GET",
    path: "/health",
    headers: {},
    signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS),
  });
  if (!result.ok) return { status: "unreachable", reason: result.reason };
  return result.status === 200
    ? { status: "ok", reason: null }
    : { status: "failing", reason: `HTTP status ${result.status}` };
}
