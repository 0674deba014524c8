import { expect, test } from "vitest";
import type { AccessKey } from "../../src/access/access_key.ts";
import { NO_KEY_LIMITS } from "../../src/access/caller.ts";
import type { FaultTolerantCache } from "../../src/access/fault_tolerant_cache.ts";
import {
  MAX_REMEMBERED,
  MAX_REMEMBERED_ABSENT,
  rememberedKeys,
} from "../../src/access/isolate_keys.ts";

const KEY: AccessKey = {
  id: "abcdefghijkl",
  tenant: "shop",
  name: "page",
  scope: "ingest",
  hash: "0".repeat(64),
  createdMs: 0,
  expiresMs: null,
  revokedMs: null,
  limits: NO_KEY_LIMITS,
};

/** Counts how often a name has to be read. */
function trialOf<T>(cache: FaultTolerantCache<T>) {
  const trial = { readings: 0, get };
  async function get(name: string, value: T): Promise<void> {
    const read = () => {
      trial.readings += 1;
      return Promise.resolve(value);
    };
    expect(await cache.get(name, { nowMs: 0, read }))
      .toEqual({ ok: true, value });
  }
  return trial;
}

async function checkBounds<T>(
  cache: FaultTolerantCache<T>,
  { present, absent }: { readonly present: T; readonly absent: T },
): Promise<void> {
  const trial = trialOf(cache);
  for (
    const [value, most] of [
      [present, MAX_REMEMBERED],
      [absent, MAX_REMEMBERED_ABSENT],
    ] as const
  ) {
    const before = cache.size;
    for (let at = 0; at < most; at++) await trial.get(`${most} ${at}`, value);
    expect(cache.size).toBe(before + most);
    trial.readings = 0;
    await trial.get(`${most} 0`, value);
    expect(trial.readings).toBe(0);
    await trial.get(`${most} ${most}`, value);
    expect(cache.size).toBe(before + most);
    await trial.get(`${most} 0`, value);
    expect(trial.readings).toBe(2);
  }
  await trial.get(`${MAX_REMEMBERED} ${MAX_REMEMBERED}`, present);
  expect(trial.readings).toBe(2);
}

test("rememberedKeys() has MAX_REMEMBERED keys, and MAX_REMEMBERED_ABSENT ids beside them", async () => {
  await checkBounds(rememberedKeys().keys, { present: KEY, absent: null });
});

test("rememberedKeys() has as many origins", async () => {
  await checkBounds(rememberedKeys().origins, { present: true, absent: false });
});
