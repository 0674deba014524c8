import { HttpSink, type SinkAnswer, type SunkRequest } from "./http_sink.ts";

/** How a Tempo can be, in the order in which tests go through them. */
export const TEMPO_MOODS = ["up", "down", "slow", "refusing"] as const;

/**
 * - `up`: takes everything.
 * - `down`: nothing listens on its port.
 * - `slow`: takes one request after `SLOW_ANSWER_MS`, and never answers the
 *   next one.
 * - `refusing`: 503 and 429 in turn, with `Retry-After`.
 */
export type TempoMood = typeof TEMPO_MOODS[number];

/** Longer than any sender should wait for before it puts the request aside. */
export const SLOW_ANSWER_MS = 3000;

const RETRY_AFTER = { "retry-after": "1" };

/** A real HTTP server in Tempo's place, on one port through all its moods. */
export class TempoStandIn {
  #sink: HttpSink;
  #isOpen = true;
  readonly #port: number;
  readonly #taken: SunkRequest[] = [];
  readonly #received: SunkRequest[] = [];

  private constructor(sink: HttpSink) {
    this.#sink = sink;
    this.#port = Number(new URL(sink.url).port);
  }

  /** Starts one that is up. */
  static async start(): Promise<TempoStandIn> {
    return new TempoStandIn(await HttpSink.start());
  }

  /** What TEMPO_URL is set to, in every mood. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Each request whose sender knows that it was taken. */
  get taken(): readonly SunkRequest[] {
    return [...this.#taken, ...this.#sink.taken];
  }

  /** Each request that arrived whole, whatever it was answered. */
  get received(): readonly SunkRequest[] {
    return [...this.#received, ...this.#sink.requests];
  }

  /** Changes its mood. */
  async turn(mood: TempoMood): Promise<void> {
    if (mood === "down") {
      await this.stop();
      return;
    }
    if (!this.#isOpen) {
      this.#sink = await HttpSink.start(this.#port);
      this.#isOpen = true;
    }
    this.#sink.answer = answersOf(mood);
  }

  /** Ends the server and every connection. */
  async stop(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#sink.stop();
    this.#taken.push(...this.#sink.taken.splice(0));
    this.#received.push(...this.#sink.requests.splice(0));
  }
}

function answersOf(
  mood: Exclude<TempoMood, "down">,
): SinkAnswer | (() => SinkAnswer) {
  switch (mood) {
    case "up":
      return 200;
    case "slow":
      return inTurn([{ status: 200, delayMs: SLOW_ANSWER_MS }, "hang"]);
    case "refusing":
      return inTurn([
        { status: 503, headers: RETRY_AFTER },
        { status: 429, headers: RETRY_AFTER },
      ]);
  }
}

function inTurn([first, second]: readonly [SinkAnswer, SinkAnswer]) {
  let count = 0;
  return () => count++ % 2 === 0 ? first : second;
}
