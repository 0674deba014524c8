import { afterEach, expect, test, vi } from "vitest";
import { type LeaseStorage, ListenLease } from "../../src/live/listen_lease.ts";
import { MAX_UNTOLD_BYTES } from "../../src/live/live_limits.ts";
import {
  type LiveChanges,
  LiveTeller,
  TELL_AGAIN_MS,
} from "../../src/live/live_teller.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** Storage in memory. */
function storage(): LeaseStorage {
  const values = new Map<string, unknown>();
  return {
    get: (key) => values.get(key),
    put: (key, value) => {
      values.set(key, value);
    },
    delete: (key) => values.delete(key),
  };
}

function minute(revision: number, bytes = 1) {
  return { startS: 60, revision, summary: new Uint8Array(bytes) };
}

interface Told {
  readonly teller: LiveTeller;
  readonly lease: ListenLease;
  readonly told: LiveChanges[];
}

function tellerWith(
  { isHeard = () => true, kept = storage(), untilMs = 1000 }: {
    readonly isHeard?: () => boolean;
    readonly kept?: LeaseStorage;
    readonly untilMs?: number;
  } = {},
): Told {
  const lease = new ListenLease(kept);
  const told: LiveChanges[] = [];
  const teller = new LiveTeller(lease, {
    nowMs: 0,
    tellHub(changes) {
      told.push(changes);
      return Promise.resolve(isHeard());
    },
  });
  if (untilMs > 0) lease.extend(untilMs);
  return { teller, lease, told };
}

test("LiveTeller tells nobody anything without a lease, or after it", async () => {
  const { teller, lease, told } = tellerWith({ untilMs: 0 });
  expect(teller.isOn(0)).toBe(false);
  await teller.tell(0);
  lease.extend(1000);
  teller.note("web", [minute(1)]);
  expect(teller.dueMs(999)).toBe(999 + TELL_AGAIN_MS);
  expect(teller.dueMs(1000)).toBe(null);
  await teller.tell(1000);
  expect(told).toEqual([]);
});

test("LiveTeller tells the newest of each minute, once", async () => {
  const { teller, told } = tellerWith();
  teller.note("web", [minute(2)]);
  teller.note("web", [minute(1)]);
  teller.note("cart", [minute(7)]);
  await teller.tell(0);
  await teller.tell(0);
  expect(told).toEqual([{
    changed: [
      { service: "web", minutes: [minute(2)] },
      { service: "cart", minutes: [minute(7)] },
    ],
    isPartial: false,
  }]);
  expect(teller.dueMs(0)).toBe(null);
});

test("LiveTeller calls no more once it hears that nobody listens", async () => {
  const kept = storage();
  const { teller, told } = tellerWith({ isHeard: () => false, kept });
  teller.note("web", [minute(1)]);
  await teller.tell(0);
  expect(teller.isOn(0)).toBe(false);
  expect(new ListenLease(kept).isOn(0)).toBe(false);
  expect(told).toHaveLength(1);
});

test("LiveTeller holds MAX_UNTOLD_BYTES, and with one more says that it missed something", async () => {
  const { teller, told } = tellerWith();
  teller.note("web", [minute(1, MAX_UNTOLD_BYTES)]);
  // What takes the place of something takes no more room.
  teller.note("web", [minute(2, MAX_UNTOLD_BYTES)]);
  await teller.tell(0);
  teller.note("web", [minute(3, MAX_UNTOLD_BYTES)]);
  teller.note("cart", [minute(1)]);
  await teller.tell(0);
  expect(told.map(({ isPartial }) => isPartial)).toEqual([false, true]);
  expect(told[1]?.changed).toEqual([]);
});

test("LiveTeller says that it missed something after a start in between, and after a hub that did not answer", async () => {
  const kept = storage();
  new ListenLease(kept).extend(1000);
  const started = tellerWith({ kept });
  await started.teller.tell(0);
  expect(started.told).toEqual([{ changed: [], isPartial: true }]);

  const logged = vi.spyOn(console, "error").mockReturnValue();
  let isDown = true;
  const failing = tellerWith({
    isHeard() {
      if (isDown) throw new Error("down");
      return true;
    },
  });
  failing.teller.note("web", [minute(1)]);
  await failing.teller.tell(0);
  expect(logged).toHaveBeenCalledTimes(1);
  expect(failing.teller.dueMs(0)).toBe(TELL_AGAIN_MS);
  isDown = false;
  await failing.teller.tell(0);
  expect(failing.told.at(-1)?.isPartial).toBe(true);
  expect(failing.teller.dueMs(0)).toBe(null);
});
