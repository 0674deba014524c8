import { expect, test } from "vitest";
import {
  GroupCommit,
  OverloadedError,
} from "../../src/storage/group_commit.ts";

/** A disk whose writes end when the test says so. */
class SlowDisk {
  readonly writes: (readonly number[])[] = [];
  readonly #syncs: PromiseWithResolvers<void>[] = [];
  #asked = Promise.withResolvers<void>();

  sync(): Promise<void> {
    const sync = Promise.withResolvers<void>();
    this.#syncs.push(sync);
    this.#asked.resolve();
    return sync.promise;
  }

  /** Waits until a sync is under way, and ends it. */
  async finish(fault?: Error): Promise<void> {
    await this.#asked.promise;
    this.#asked = Promise.withResolvers();
    const sync = this.#syncs.shift();
    if (fault === undefined) sync?.resolve();
    else sync?.reject(fault);
  }
}

function commitTo(disk: SlowDisk, maxWaiting: number): GroupCommit<number> {
  return new GroupCommit({
    write: (items) => disk.writes.push([...items]),
    sync: () => disk.sync(),
    maxWaiting,
    sizeOf: (item) => item,
    maxWaitingBytes: 100,
    maxWriteBytes: 60,
  });
}

test("GroupCommit.add() settles after its sync, and what comes meanwhile shares the next", async () => {
  const disk = new SlowDisk();
  const commit = commitTo(disk, 10);
  const settled: number[] = [];
  const adds = [1, 2, 3].map(async (item) => {
    await commit.add(item);
    settled.push(item);
  });
  expect(disk.writes).toEqual([[1]]);
  expect(settled).toEqual([]);
  await disk.finish();
  await adds[0];
  expect(settled).toEqual([1]);
  await disk.finish();
  await Promise.all(adds);
  expect(disk.writes).toEqual([[1], [2, 3]]);
});

test("GroupCommit.add() takes maxWaiting items and refuses the one after", async () => {
  const disk = new SlowDisk();
  const commit = commitTo(disk, 2);
  const adds = [1, 2, 3].map((item) => commit.add(item));
  await expect(commit.add(4)).rejects.toThrow(OverloadedError);
  await disk.finish();
  await disk.finish();
  await Promise.all(adds);
  expect(disk.writes).toEqual([[1], [2, 3]]);
});

test("GroupCommit.add() takes maxWaitingBytes and refuses one byte more", async () => {
  const disk = new SlowDisk();
  const commit = commitTo(disk, 10);
  const adds = [1, 60, 40].map((item) => commit.add(item));
  expect(() => commit.checkRoom(1)).toThrow(OverloadedError);
  await expect(commit.add(1)).rejects.toThrow("101 bytes");
  for (let write = 0; write < 3; write++) await disk.finish();
  await Promise.all(adds);
  expect(disk.writes).toEqual([[1], [60], [40]]);
  commit.checkRoom(1);
});

test.each([
  [[1, 30, 30], [[1], [30, 30]]],
  [[1, 30, 31], [[1], [30], [31]]],
])(
  "GroupCommit.add() of %j writes at most maxWriteBytes at once: %j",
  async (items, writes) => {
    const disk = new SlowDisk();
    const commit = commitTo(disk, 10);
    const adds = items.map((item) => commit.add(item));
    for (let write = 0; write < writes.length; write++) await disk.finish();
    await Promise.all(adds);
    expect(disk.writes).toEqual(writes);
  },
);

test("GroupCommit.add() has room again as soon as a part of what waits is written", async () => {
  const disk = new SlowDisk();
  const commit = commitTo(disk, 10);
  const adds = [1, 60, 40].map((item) => commit.add(item));
  await disk.finish();
  await adds[0];
  await Promise.resolve();
  adds.push(commit.add(60));
  await expect(commit.add(1)).rejects.toThrow("101 bytes");
  for (let write = 0; write < 3; write++) await disk.finish();
  await Promise.all(adds);
  expect(disk.writes).toEqual([[1], [60], [40], [60]]);
});

test("GroupCommit.add() takes an item that is larger than maxWaitingBytes where nothing waits", async () => {
  const disk = new SlowDisk();
  const commit = commitTo(disk, 10);
  const adds = [1, 101].map((item) => commit.add(item));
  await expect(commit.add(1)).rejects.toThrow("102 bytes");
  await disk.finish();
  await disk.finish();
  await Promise.all(adds);
  expect(disk.writes).toEqual([[1], [101]]);
});

test("GroupCommit.add() fails for every item of a failed write, and for no other", async () => {
  const disk = new SlowDisk();
  const commit = commitTo(disk, 10);
  const results = Promise.allSettled([1, 2, 3].map((item) => commit.add(item)));
  await disk.finish();
  await disk.finish(new Error("The disk is full"));
  expect((await results).map(({ status }) => status))
    .toEqual(["fulfilled", "rejected", "rejected"]);
  const after = commit.add(4);
  await disk.finish();
  await after;
  expect(disk.writes.at(-1)).toEqual([4]);
});
