/** What a call thrown out of D1 says, as D1 itself begins it. */
export const DATABASE_FAULT = "D1_ERROR: it failed, as the test wants";

/** Which call to D1 fails. */
export interface DatabaseFailure {
  /** The number of the call that throws, from 1. */
  readonly failAt: number;
  /** `after`: it ran, and the caller is not told. */
  readonly moment: "before" | "after";
}

const RUNNING = ["all", "first", "raw", "run"];

/**
 * A real D1 database, of which one call throws: before it runs, as where D1 is
 * away, or after it ran, as where its answer is lost.
 */
export class FailingDatabase {
  readonly database: D1Database;
  readonly #failure: DatabaseFailure;
  #calls = 0;

  constructor(database: D1Database, failure: DatabaseFailure) {
    this.#failure = failure;
    this.database = this.#watched(database, {
      running: ["exec"],
      members: {
        prepare: (query: string) => this.#statement(database.prepare(query)),
        batch: (statements: readonly WatchedStatement[]) =>
          this.#call(() =>
            database.batch(statements.map((statement) => statement[ORIGINAL]))
          ),
      },
    });
  }

  /** Whether the call that was to throw has been made. */
  get failed(): boolean {
    return this.#calls >= this.#failure.failAt;
  }

  #statement(original: D1PreparedStatement): WatchedStatement {
    return this.#watched(original, {
      running: RUNNING,
      members: {
        [ORIGINAL]: original,
        bind: (...values: unknown[]) =>
          this.#statement(original.bind(...values)),
      },
    }) as WatchedStatement;
  }

  async #call<Result>(run: () => Promise<Result>): Promise<Result> {
    const fails = ++this.#calls === this.#failure.failAt;
    if (fails && this.#failure.moment === "before") {
      throw new Error(DATABASE_FAULT);
    }
    const result = await run();
    if (fails) throw new Error(DATABASE_FAULT);
    return result;
  }

  #watched<T extends object>(
    original: T,
    { running, members }: {
      readonly running: readonly string[];
      readonly members: object;
    },
  ): T {
    return new Proxy(original, {
      get: (target, name) => {
        if (name in members) return Reflect.get(members, name) as unknown;
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        const call = (...given: unknown[]) =>
          Reflect.apply(value, target, given) as Promise<unknown>;
        return running.includes(String(name))
          ? (...given: unknown[]) => this.#call(() => call(...given))
          : call;
      },
    });
  }
}

const ORIGINAL = Symbol("the statement itself");

/** A statement that counts its calls. */
type WatchedStatement = D1PreparedStatement & {
  readonly [ORIGINAL]: D1PreparedStatement;
};
