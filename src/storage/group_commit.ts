/** What a group commit needs of the storage. */
export interface GroupCommitOptions<Item> {
  /** Writes all items, synchronously and in one transaction. */
  readonly write: (items: readonly Item[]) => void;
  /** Settles when all that was written is on disk. */
  readonly sync: () => Promise<void>;
  /** How many items may wait; more are refused with an `OverloadedError`. */
  readonly maxWaiting: number;
  /** The bytes of an item. */
  readonly sizeOf: (item: Item) => number;
  /** How many bytes may wait; an item alone may be larger. */
  readonly maxWaitingBytes: number;
  /**
   * How many bytes one write takes; an item alone may be larger.
   *
   * @default {maxWaitingBytes}
   */
  readonly maxWriteBytes?: number;
}

/** More came than can be written in time: the sender should come again. */
export class OverloadedError extends Error {
  override readonly name = "OverloadedError";
}

interface Waiting<Item> {
  readonly item: Item;
  readonly done: PromiseWithResolvers<void>;
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
 *   sizeOf: () => 8,
 *   maxWaitingBytes: 1000,
 * });
 * await Promise.all([commit.add(1), commit.add(2), commit.add(3)]);
 * expect(writes).toEqual([[1], [2, 3]]);
 * ```
 */
export class GroupCommit<Item> {
  readonly #options: GroupCommitOptions<Item>;
  readonly #waiting: Waiting<Item>[] = [];
  #waitingBytes = 0;
  #running = false;

  constructor(options: GroupCommitOptions<Item>) {
    this.#options = options;
  }

  /**
   * Settles when the item is on disk.
   *
   * @throws {OverloadedError} Where too many items or bytes wait already.
   * @throws What `write` or `sync` threw, for every item of that write.
   */
  async add(item: Item): Promise<void> {
    const bytes = this.#options.sizeOf(item);
    this.checkRoom(bytes);
    this.#waitingBytes += bytes;
    const done = Promise.withResolvers<void>();
    this.#waiting.push({ item, done });
    // Not awaited: it goes on to write what others bring meanwhile. It never
    // rejects, since each item is told of its own write.
    if (!this.#running) void this.#run();
    await done.promise;
  }

  /**
   * For whoever has work to do before an item can be added.
   *
   * @throws {OverloadedError} Where an item of so many bytes has no room.
   */
  checkRoom(bytes: number): void {
    const { maxWaiting, maxWaitingBytes } = this.#options;
    if (this.#waiting.length >= maxWaiting) {
      throw new OverloadedError(
        `Cannot take more than ${maxWaiting} waiting writes: come again later`,
      );
    }
    const wouldWait = this.#waitingBytes + bytes;
    if (this.#waiting.length > 0 && wouldWait > maxWaitingBytes) {
      throw new OverloadedError(
        `Cannot let ${wouldWait} bytes wait to be written, more than ` +
          `${maxWaitingBytes}: come again later`,
      );
    }
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup();
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

  // A write is synchronous: whatever else the object is asked waits for it.
  #takeGroup(): readonly Waiting<Item>[] {
    const { sizeOf, maxWaitingBytes } = this.#options;
    const { maxWriteBytes = maxWaitingBytes } = this.#options;
    let taken = 0;
    let bytes = 0;
    for (const { item } of this.#waiting) {
      const size = sizeOf(item);
      if (taken > 0 && bytes + size > maxWriteBytes) break;
      taken++;
      bytes += size;
    }
    this.#waitingBytes -= bytes;
    return this.#waiting.splice(0, taken);
  }
}
