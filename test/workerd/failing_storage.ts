/** What a call thrown out of the storage says. */
export const STORAGE_FAULT = "The storage failed, as the test wants";

/**
 * An object's real storage, of which one SQL call throws instead of running:
 * what a full disk or an aborted object does to the code above.
 *
 * A test runs its scenario for `failAt` = 1, 2, 3… until `failed` stays false,
 * so that each call has failed once.
 */
export class FailingStorage {
  readonly storage: DurableObjectStorage;
  /** The number of the SQL call that throws, from 1; Infinity for none. */
  failAt = Infinity;
  /** SQL calls since the start. */
  calls = 0;

  constructor(storage: DurableObjectStorage) {
    const sql = replaced(storage.sql, {
      exec: (...call: Parameters<SqlStorage["exec"]>) => {
        if (++this.calls === this.failAt) throw new Error(STORAGE_FAULT);
        return storage.sql.exec(...call);
      },
    });
    this.storage = replaced(storage, { sql });
  }

  /** Whether the call that was to throw has been made. */
  get failed(): boolean {
    return this.calls >= this.failAt;
  }
}

/** The same object with some members replaced; native methods keep `this`. */
function replaced<T extends object>(original: T, members: object): T {
  return new Proxy(original, {
    get(target, name) {
      if (name in members) return Reflect.get(members, name) as unknown;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function"
        ? (...given: unknown[]) =>
          Reflect.apply(value, target, given) as unknown
        : value;
    },
  });
}
