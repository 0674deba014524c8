/** What a group commit needs of the storage. */
export interface GroupCommitOptions<Item> {
  /** Writes all items, synchronously and in one transaction. */
  readonly write: (items: readonly Item[]) => void;
  /** Settles when all that was written is on disk. */
  readonly sync: () => Promise<void>;
  /** How many items may wait; more are refused with an `OverloadedError`. */
  readonly maxWaiting: number;
}

/** More came than can be written in time: the sender should come again. */
export class OverloadedError extends Error {
  override readonly name = "OverloadedError";
}

/**
 * Lets requests that come while a write is under way share the next one.
 *
 * @example
 * ```ts
 * import { GroupCommit } from "../src/storage/group_commit.ts";
 *
 * const writes: number[][] = [];
 * const commit = new GroupCommit<number>({
 *   write: (items) => writes.push([...items]),
 *   sync: () => Promise.resolve(),
 *   maxWaiting: 100,
 * });
 * await Promise.all([commit.add(1), commit.add(2), commit.add(3)]);
 * expect(writes).toEqual([[1], [2, 3]]);
 * ```
 */
export class GroupCommit<Item> {
  readonly #options: GroupCommitOptions<Item>;
  #waiting: { item: Item; done: PromiseWithResolvers<void> }[] = [];
  #running = false;

  constructor(options: GroupCommitOptions<Item>) {
    this.#options = options;
  }

  /**
   * Settles when the item is on disk.
   *
   * @throws {OverloadedError} Where too many items wait already.
   * @throws What `write` or `sync` threw, for every item of that write.
   */
  async add(item: Item): Promise<void> {
    if (this.#waiting.length >= this.#options.maxWaiting) {
      throw new OverloadedError(
        `Cannot take more than ${this.#options.maxWaiting} waiting writes: ` +
          "come again later",
      );
    }
    const done = Promise.withResolvers<void>();
    this.#waiting.push({ item, done });
    // Not awaited: it goes on to write what others bring meanwhile. It never
    // rejects, since each item is told of its own write.
    if (!this.#running) void this.#run();
    await done.promise;
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        this.#options.write(group.map(({ item }) => item));
        await this.#options.sync();
        for (const { done } of group) done.resolve();
      } catch (error) {
        for (const { done } of group) done.reject(error);
      }
    }
    this.#running = false;
  }
}
