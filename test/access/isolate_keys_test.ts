import { expect, test } from "vitest";
import {
  MAX_REMEMBERED,
  MAX_REMEMBERED_ABSENT,
  rememberedKeys,
} from "../../src/access/isolate_keys.ts";

test("rememberedKeys() keeps as many origins as it may, and forgets the oldest of one more", async () => {
  for (
    const [named, most] of [
      [true, MAX_REMEMBERED],
      [false, MAX_REMEMBERED_ABSENT],
    ] as const
  ) {
    const { origins } = rememberedKeys();
    let reads = 0;
    const read = () => {
      reads++;
      return Promise.resolve(named);
    };
    const get = (at: number) => origins.get(`origin ${at}`, { nowMs: 0, read });
    for (let at = 0; at < most; at++) await get(at);
    expect(origins.size).toBe(most);
    await get(most);
    expect(origins.size).toBe(most);
    expect(reads).toBe(most + 1);
    await get(most);
    expect(reads).toBe(most + 1);
    await get(0);
    expect(reads).toBe(most + 2);
  }
});
