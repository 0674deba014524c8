/** Answers that an isolate remembers of each sort; then it asks anew. */
export const MAX_REMEMBERED_SERVICES = 10_000;
/** Characters of their names, 1 byte each. */
export const MAX_REMEMBERED_LENGTH = 4 * 1024 * 1024;

/**
 * Answers by name that hold for some time, in bounded space: where there is
 * no room, all are forgotten.
 *
 * @example
 * ```ts
 * import { RememberedAnswers } from "../src/directory/remembered_answers.ts";
 *
 * const answers = new RememberedAnswers<string>(1000);
 * answers.remember("cart", "known", 0);
 * expect(answers.answerOf("cart", 999)).toBe("known");
 * expect(answers.answerOf("cart", 1000)).toBe(undefined);
 * ```
 */
export class RememberedAnswers<Answer> {
  readonly #lifetimeMs: number;
  readonly #answers: Map<string, { answer: Answer; untilMs: number }> =
    new Map();
  #length = 0;

  /** @param lifetimeMs How long an answer holds, ms. */
  constructor(lifetimeMs: number) {
    this.#lifetimeMs = lifetimeMs;
  }

  /** The answer of a name that still holds. */
  answerOf(name: string, nowMs: number): Answer | undefined {
    const known = this.#answers.get(name);
    return known !== undefined && nowMs < known.untilMs
      ? known.answer
      : undefined;
  }

  /** Remembers an answer. */
  remember(name: string, answer: Answer, nowMs: number): void {
    if (!this.#answers.has(name)) {
      const full = this.#answers.size >= MAX_REMEMBERED_SERVICES ||
        this.#length + name.length > MAX_REMEMBERED_LENGTH;
      if (full) {
        this.#answers.clear();
        this.#length = 0;
      }
      this.#length += name.length;
    }
    const untilMs = nowMs + this.#lifetimeMs;
    this.#answers.set(name, { answer, untilMs });
  }
}
