import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  ADMISSION_MS,
  admitIds,
  type DirectoryState,
  MAX_NEW_SERVICES_PER_HOUR,
  MAX_SERVICE_IDS_LENGTH,
  MAX_SERVICES_PER_KEY,
  MAX_SERVICES_PER_TENANT,
  type Refusal,
  SERVICE_SILENT_MS,
} from "../../src/directory/admit_ids.ts";
import { ofOldServices } from "../../src/directory/old_services.ts";
import { OVERFLOW_NAME } from "../../src/map/window_entries.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW_MS = 500_000 * HOUR_MS;
/** What the times of a service leave in doubt. */
const DOUBT_MS = 25 * HOUR_MS + ADMISSION_MS;

function named(prefix: string, length: number): string[] {
  return Array.from({ length }, (_, at) => `${prefix}${at}`);
}

/** A Directory with its clock. */
class Trial {
  state: DirectoryState = { services: [], overflowed: false };
  nowMs = NOW_MS;

  admit(
    keyId: string,
    ids: readonly string[],
    maxServices: number | null = null,
  ): readonly Refusal[] {
    const request = { ids, keyId, maxServices };
    const { state, refused } = admitIds(this.state, request, this.nowMs);
    this.state = state;
    return refused;
  }

  /** Brings in services, as many an hour as a key may. */
  fill(keyId: string, ids: readonly string[], maxServices: number): void {
    for (let at = 0; at < ids.length; at += MAX_NEW_SERVICES_PER_HOUR) {
      const some = ids.slice(at, at + MAX_NEW_SERVICES_PER_HOUR);
      expect(this.admit(keyId, some, maxServices)).toEqual([]);
      this.nowMs += HOUR_MS;
    }
  }

  ids(): readonly string[] {
    return this.state.services.map(({ id }) => id);
  }
}

test("admitIds() takes MAX_SERVICES_PER_TENANT services and refuses the next", () => {
  const trial = new Trial();
  const ids = named("service ", MAX_SERVICES_PER_TENANT);
  expect(trial.admit("", ids)).toEqual([]);
  expect(trial.state.overflowed).toBe(false);
  expect(trial.admit("", ["more", ...ids]))
    .toEqual([{ id: "more", limit: "tenant" }]);
  expect(trial.ids()).toEqual(ids);
  expect(trial.state.overflowed).toBe(true);
});

test("admitIds() takes MAX_SERVICES_PER_KEY services of a key and refuses its next", () => {
  const trial = new Trial();
  trial.fill("page", named("a", MAX_SERVICES_PER_KEY), MAX_SERVICES_PER_KEY);
  expect(trial.admit("page", ["a0", "more"]))
    .toEqual([{ id: "more", limit: "key" }]);
  expect(trial.admit("page", ["more"], MAX_SERVICES_PER_KEY + 1)).toEqual([]);
  expect(trial.admit("other", ["most"])).toEqual([]);
});

test("admitIds() takes MAX_NEW_SERVICES_PER_HOUR of a key and the next in the hour after", () => {
  const trial = new Trial();
  const ids = named("a", MAX_NEW_SERVICES_PER_HOUR);
  expect(trial.admit("page", ids)).toEqual([]);
  trial.nowMs += HOUR_MS - 1;
  expect(trial.admit("page", ["more"]))
    .toEqual([{ id: "more", limit: "hour" }]);
  expect(trial.admit("other", ["most"])).toEqual([]);
  trial.nowMs++;
  expect(trial.admit("page", ["more"])).toEqual([]);
});

test("admitIds() takes MAX_SERVICE_IDS_LENGTH characters and refuses one more", () => {
  const trial = new Trial();
  trial.admit("", ["a".repeat(MAX_SERVICE_IDS_LENGTH - 5)]);
  const { state } = trial;
  expect(trial.admit("key", ["bb"])).toEqual([]);
  trial.state = state;
  expect(trial.admit("key", ["bbb"]))
    .toEqual([{ id: "bbb", limit: "tenant" }]);
});

test("admitIds() gives a new service the place of the one silent longest", () => {
  const trial = new Trial();
  const ids = named("a", MAX_SERVICES_PER_TENANT);
  trial.admit("", ids);
  trial.nowMs += DAY_MS;
  trial.admit("", ids.slice(1));
  trial.nowMs = NOW_MS + SERVICE_SILENT_MS + DOUBT_MS;
  expect(trial.admit("", ["new"])).toEqual([{ id: "new", limit: "tenant" }]);
  trial.nowMs += HOUR_MS;
  expect(trial.admit("", ["new", "newer"]))
    .toEqual([{ id: "newer", limit: "tenant" }]);
  expect(trial.ids()).toEqual([...ids.slice(1), "new"]);
});

test("admitIds() gives a full key's new service the place of its own silent one alone", () => {
  const trial = new Trial();
  trial.admit("", ["honest"]);
  trial.admit("page", ["old"], 1);
  trial.nowMs += SERVICE_SILENT_MS + DOUBT_MS + HOUR_MS;
  expect(trial.admit("page", ["new", "newer"], 1))
    .toEqual([{ id: "newer", limit: "key" }]);
  expect(trial.ids()).toEqual(["honest", "new"]);
});

test("admitIds() has nothing new to store while services are seen within a day", () => {
  const trial = new Trial();
  trial.admit("page", ["a"]);
  const first = trial.state;
  trial.nowMs += DAY_MS - 1;
  trial.admit("other", ["a"]);
  expect(trial.state).toBe(first);
  trial.nowMs++;
  trial.admit("other", ["a"]);
  expect(trial.state.services).toEqual([{
    id: "a",
    keyId: "page",
    firstSeenHour: NOW_MS / HOUR_MS,
    lastSeenHour: NOW_MS / HOUR_MS + 24,
  }]);
});

test("admitIds() takes __overflow__ for what overflowed, and for no service", () => {
  const trial = new Trial();
  expect(trial.admit("page", [OVERFLOW_NAME])).toEqual([]);
  expect(trial.state).toEqual({ services: [], overflowed: true });
});

test("admitIds() admits an honest key's services whatever another key sends", () => {
  const trial = new Trial();
  const honest = named("honest ", MAX_SERVICES_PER_KEY);
  const junk = named("junk ", 50_000);
  for (let hour = 0; hour < 50; hour++) {
    for (let at = hour * 1000; at < (hour + 1) * 1000; at += 200) {
      trial.admit("attacker", junk.slice(at, at + 200));
    }
    const some = honest.slice(hour * 5, hour * 5 + 5);
    expect(trial.admit("honest", some)).toEqual([]);
    trial.nowMs += HOUR_MS;
  }
  expect(trial.state.services.length).toBe(2 * MAX_SERVICES_PER_KEY);
});

interface Arrival {
  readonly keyId: string;
  readonly names: readonly number[];
  readonly passMs: number;
}

const arrival: fc.Arbitrary<Arrival> = fc.record({
  keyId: fc.constantFrom("", "a", "b", "c", "d", "e"),
  names: fc.tuple(fc.nat(2500), fc.nat(400)).map(([from, length]) =>
    Array.from({ length }, (_, at) => from + at)
  ),
  passMs: fc.constantFrom(0, HOUR_MS, DAY_MS, SERVICE_SILENT_MS),
});

test("admitIds() keeps every limit, and whatever was alive within SERVICE_SILENT_MS", () => {
  fc.assert(
    fc.property(fc.array(arrival, { maxLength: 40 }), (arrivals) => {
      const trial = new Trial();
      const aliveMs = new Map<string, number>();
      for (const { keyId, names, passMs } of arrivals) {
        const refused = trial.admit(keyId, names.map(String));
        const beyond = new Set(refused.map(({ id }) => id));
        const known = new Set(trial.ids());
        for (const name of names.map(String)) {
          expect(known.has(name)).toBe(!beyond.has(name));
          if (known.has(name)) aliveMs.set(name, trial.nowMs);
        }
        for (const [name, ms] of aliveMs) {
          if (trial.nowMs - ms > SERVICE_SILENT_MS) continue;
          expect(known.has(name)).toBe(true);
        }
        expect(known.size).toBeLessThanOrEqual(MAX_SERVICES_PER_TENANT);
        expect(trial.state.services.length).toBe(known.size);
        const hour = Math.floor(trial.nowMs / HOUR_MS);
        for (const key of ["a", "b", "c", "d", "e"]) {
          const own = trial.state.services.filter((it) => it.keyId === key);
          expect(own.length).toBeLessThanOrEqual(MAX_SERVICES_PER_KEY);
          expect(own.filter((it) => it.firstSeenHour === hour).length)
            .toBeLessThanOrEqual(MAX_NEW_SERVICES_PER_HOUR);
        }
        trial.nowMs += passMs;
      }
    }),
    { numRuns: 100 },
  );
});

test("ofOldServices() keeps what overflowed apart from the services", () => {
  expect(ofOldServices(["a", OVERFLOW_NAME], NOW_MS)).toEqual({
    services: [{
      id: "a",
      keyId: "",
      firstSeenHour: NOW_MS / HOUR_MS,
      lastSeenHour: NOW_MS / HOUR_MS,
    }],
    overflowed: true,
  });
});
