import { expect, test } from "vitest";
import {
  ACCOUNT_MINUTES,
  CALM_MINUTES,
  FORGOTTEN_MINUTES,
  HELD_MINUTES,
  LEARNING_MINUTES,
  MAX_ANOMALY_TRACES,
  MAX_DETECTOR_BYTES,
  MAX_EVIDENCE_MINUTES,
  MAX_LASTING_ANOMALIES,
  MAX_WATCHED_EDGES,
  MAX_WATCHED_ID_LENGTH,
  NEW_NORMAL_MINUTES,
  SILENT_MINUTES,
} from "../../src/anomaly/anomaly_limits.ts";
import { encodeDetector } from "../../src/anomaly/detector_codec.ts";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import { virtualNode } from "../../src/map/node_identity.ts";
import {
  emptyWindow,
  type ServiceWindow,
} from "../../src/map/service_window.ts";
import { edgeId, edgeOf } from "../../src/map/window_entries.ts";
import {
  DAY_MINUTES,
  drawnNature,
  type Fault,
  type Nature,
  SERVICE,
  Traffic,
} from "./traffic.ts";
import { WatchedTraffic } from "./watch_traffic.ts";

const START = 3 * LEARNING_MINUTES;
const CALLEE = { name: "stock", rate: 200, ms: 20, sigma: 0.5, errors: 0.002 };
const NATURE: Nature = {
  callees: [CALLEE],
  rateRhythm: 0.3,
  latencyRhythm: 0.1,
  minuteNoise: 0.05,
  inherited: 0.3,
  bursts: 0.002,
};

function watched(
  minutes: number,
  { seed = 1, nature = NATURE, faults = [] }: {
    readonly seed?: number;
    readonly nature?: Nature;
    readonly faults?: readonly Fault[];
  } = {},
): WatchedTraffic {
  const traffic = new Traffic(nature, new SeededRandom(seed));
  const watch = new WatchedTraffic();
  for (let minute = 0; minute < minutes; minute++) {
    watch.judge(minute, traffic.next(faults));
  }
  return watch;
}

/** A minute of steady calls: none of it is chance. */
function steady(
  to: string,
  { calls = 200, ms = 20, failed = 0, type = "" as const }: {
    readonly calls?: number;
    readonly ms?: number;
    readonly failed?: number;
    readonly type?: "" | "virtual_node";
  } = {},
): ServiceWindow {
  const window = emptyWindow();
  addSteady(window, to, { calls, ms, failed, type });
  return window;
}

function addSteady(
  window: ServiceWindow,
  to: string,
  { calls = 200, ms = 20, failed = 0, type = "" }: {
    calls?: number;
    ms?: number;
    failed?: number;
    type?: "" | "virtual_node";
  } = {},
): void {
  const edge = edgeOf(window, {
    from: virtualNode(SERVICE),
    to: virtualNode(to),
    connectionType: type,
    system: "",
    destination: "",
  });
  edge.latency.record(ms * 1e6, calls);
  edge.failed += failed;
}

const FAULTS = {
  "half as slow again": { slower: 1.5 },
  "5 % of errors": { errors: 0.05 },
  "a dead callee": { dead: true },
} as const;

test.each(Object.entries(FAULTS))(
  "detect() raises %s on its edge within 6 minutes, and ends it",
  (_, what) => {
    const seeds = 20;
    let inTime = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const to = START + 30;
      const fault = { callee: CALLEE.name, from: START, to, ...what };
      const watch = watched(to + 30, { seed, faults: [fault] });
      const [first] = watch.of("raised").filter(({ minute, anomaly }) =>
        minute >= START && anomaly.edge?.to === CALLEE.name
      );
      // Chance and a burst may have begun it, up to 2 minutes before.
      expect(first?.minute).toBeGreaterThan(START + HELD_MINUTES - 4);
      if ((first?.minute ?? Infinity) < START + 6) inTime++;
      expect(first?.anomaly.sampleTraces.length).toBeGreaterThan(0);
      expect(first?.anomaly.observed)
        .toBeGreaterThan((first?.anomaly.baseline ?? 0) * 1.2);
      const ended = watch.of("ended", first?.anomaly.metric)
        .filter(({ anomaly }) => anomaly.edge?.to === CALLEE.name);
      const last = ended.at(-1);
      const endMinute = (last?.anomaly.endedMs ?? 0) / 60_000;
      // Two errors by chance, or a burst, let it last a while longer.
      expect(endMinute).toBeGreaterThanOrEqual(to - CALM_MINUTES);
      expect(endMinute).toBeLessThanOrEqual(to + 3 * CALM_MINUTES);
      expect(last?.minute).toBe(endMinute - 1 + CALM_MINUTES);
    }
    expect(inTime).toBeGreaterThanOrEqual(0.8 * seeds);
  },
);

test("detect() raises next to nothing on quiet days", () => {
  let raised = 0;
  const services = 3;
  const days = 3.5;
  for (let seed = 1; seed <= services; seed++) {
    const random = new SeededRandom(seed);
    const nature = drawnNature(random);
    const callees = nature.callees.slice(0, 2);
    const watch = watched(days * DAY_MINUTES, {
      seed,
      nature: { ...nature, callees },
    });
    raised += watch.of("raised").length;
  }
  // Over many weeks it is one at the most (test/bench/anomaly.ts); of so few
  // days chance makes up to two.
  expect(raised).toBeLessThanOrEqual(2 * services * days / 7);
});

test("detect() never raises the latency of an edge of 2 requests a minute", () => {
  const callees = [{ ...CALLEE, rate: 2 }];
  const fault = { callee: CALLEE.name, from: START, to: Infinity, slower: 20 };
  const watch = watched(DAY_MINUTES, {
    nature: { ...NATURE, callees },
    faults: [fault],
  });
  const raised = watch.of("raised", "latency_p95");
  expect(raised.filter(({ anomaly }) => anomaly.edge !== null)).toEqual([]);
});

test("detect() raises nothing in an edge's first hour", () => {
  const watch = new WatchedTraffic();
  for (let minute = 0; minute < 2 * LEARNING_MINUTES; minute++) {
    const ms = minute < LEARNING_MINUTES - 20 ? 20 : 200;
    watch.judge(minute, steady("stock", { ms }));
  }
  const [raised] = watch.of("raised");
  expect(raised?.minute).toBeGreaterThanOrEqual(LEARNING_MINUTES);
});

/** Judges steady minutes, then others, and says what was told. */
function after(
  other: (minute: number) => ServiceWindow,
  { minutes, before = 120 }: { minutes: number; before?: number },
): WatchedTraffic {
  const watch = new WatchedTraffic();
  for (let minute = 0; minute < before; minute++) {
    watch.judge(minute, steady("stock"));
  }
  for (let minute = before; minute < before + minutes; minute++) {
    watch.judge(minute, other(minute - before));
  }
  return watch;
}

test.each([
  ["4 minutes", { ms: 200 }, HELD_MINUTES - 1, 0],
  ["5 minutes", { ms: 200 }, HELD_MINUTES, 1],
  ["5 ms less a bit more", { ms: 24.7 }, 20, 0],
  ["20 requests a minute", { ms: 200, calls: 20 }, 20, 1],
  ["19 requests a minute", { ms: 200, calls: 19 }, 20, 0],
  ["1 more error of 100", { failed: 2 }, 20, 0],
  ["2 more errors of 100", { failed: 4 }, 20, 1],
  ["6 calls a minute that fail", { calls: 6, failed: 6 }, 20, 1],
  ["5 calls a minute that fail", { calls: 5, failed: 5 }, 20, 0],
])("detect() asks for enough: %s", (_, figures, minutes, count) => {
  const watch = after(() => steady("stock", figures), { minutes });
  expect(watch.of("raised")).toHaveLength(count);
});

test("detect() does not take a burst of 3 minutes for an anomaly", () => {
  const watch = after(
    (at) => steady("stock", at < 3 ? { ms: 500, failed: 100 } : {}),
    { minutes: 30 },
  );
  expect(watch.of("raised")).toEqual([]);
});

test("detect() records another rate of requests, and never raises it", () => {
  for (const calls of [60, 600]) {
    const watch = after(() => steady("stock", { calls }), { minutes: 20 });
    expect(watch.of("raised")).toEqual([]);
    const [recorded] = watch.of("updated", "request_rate");
    expect(recorded?.anomaly).toMatchObject({
      raisedMs: null,
      severity: "info",
      baseline: 200 / 60,
      observed: calls / 60,
    });
  }
});

test("detect() freezes the baseline while an anomaly lasts, for a day at the most", () => {
  const watch = after(() => steady("stock", { ms: 60 }), {
    minutes: 2 * NEW_NORMAL_MINUTES,
  });
  const [raised, ...more] = watch.of("raised");
  expect(more).toEqual([]);
  const [ended] = watch.of("ended");
  expect(ended?.anomaly).toMatchObject({
    id: raised?.anomaly.id,
    endReason: "new_normal",
    endedMs: (120 + NEW_NORMAL_MINUTES) * 60_000,
  });
  // From then on the new level is what others are compared with.
  for (let at = 0; at < 10; at++) {
    watch.judge(
      120 + 2 * NEW_NORMAL_MINUTES + at,
      steady("stock", { ms: 120 }),
    );
  }
  expect(watch.of("raised")).toHaveLength(2);
});

test("detect() ends an anomaly whose traffic is gone", () => {
  const watch = after(
    (at) => at < 10 ? steady("stock", { failed: 100 }) : emptyWindow(),
    { minutes: 10 + SILENT_MINUTES + HELD_MINUTES },
  );
  const [ended] = watch.of("ended", "error_rate");
  expect(ended?.anomaly.endReason).toBe("no_data");
});

test("detect() compares with the same hour of earlier days", () => {
  const watch = new WatchedTraffic();
  const noon = 12 * 60;
  for (let minute = 0; minute < 2 * DAY_MINUTES + noon + 30; minute++) {
    const isNoon = Math.floor(minute / 60) % 24 === 12;
    watch.judge(minute, steady("stock", { ms: isNoon ? 29 : 20 }));
  }
  for (let at = 30; at < 40; at++) {
    const minute = 2 * DAY_MINUTES + noon + at;
    watch.judge(minute, steady("stock", { ms: 60 }));
  }
  const [raised, ...more] = watch.of("raised");
  expect(more).toEqual([]);
  expect(raised?.anomaly.baselineSource).toBe("same_hour");
  expect(raised?.anomaly.baseline).toBeGreaterThan(28e6);
  expect(raised?.anomaly.baseline).toBeLessThan(30e6);
});

test("detect() blames the known edge for what its silent callee's address does", () => {
  const watch = after(
    () => {
      const window = steady("mail", { calls: 50 });
      addSteady(window, "10.0.0.7", {
        calls: 180,
        failed: 180,
        type: "virtual_node",
      });
      return window;
    },
    { minutes: 3 * LEARNING_MINUTES },
  );
  const raised = watch.of("raised");
  expect(raised.map(({ anomaly }) => [anomaly.edge?.to, anomaly.metric]))
    .toEqual([["stock", "error_rate"]]);
  // It is not learned that the address fails, however long it does.
  expect(watch.of("ended")).toEqual([]);
  // Where the stand-in does not fail, the callee has but moved.
  const moved = after(
    () => steady("10.0.0.7", { type: "virtual_node" }),
    { minutes: 30 },
  );
  expect(moved.of("raised")).toEqual([]);
});

test("detect() gives few accounts of an anomaly, and bounds what it shows", () => {
  const watch = after((at) => {
    const window = steady("stock", { ms: 100 + at });
    for (const edge of window.edges.values()) {
      for (let trace = 0; trace < 3; trace++) {
        const traceId = `${at}-${trace}`;
        edge.samples.push({ traceId, durationNs: 1, failed: false, endMs: 0 });
      }
    }
    return window;
  }, { minutes: 100 });
  const updated = watch.of("updated");
  expect(updated.length).toBeLessThanOrEqual(100 / ACCOUNT_MINUTES + 2);
  const last = updated.at(-1)?.anomaly;
  expect(last?.evidence).toHaveLength(MAX_EVIDENCE_MINUTES);
  expect(last?.sampleTraces).toHaveLength(MAX_ANOMALY_TRACES);
  expect(last?.revision).toBe(updated.length + 1);
});

test("detect() watches MAX_WATCHED_EDGES edges, the busiest, and forgets silent ones", () => {
  const watch = new WatchedTraffic();
  const names = Array.from({ length: MAX_WATCHED_EDGES + 1 }, (_, at) => at);
  const crowded = emptyWindow();
  for (const at of names) addSteady(crowded, `${at}`, { calls: 1 + at });
  watch.judge(0, crowded);
  expect(watch.state.watched.size).toBe(MAX_WATCHED_EDGES);
  const left = [...watch.state.watched.values()].map(({ edge }) => edge?.to);
  expect(left).not.toContain("0");
  watch.judge(FORGOTTEN_MINUTES - 1, steady("new"));
  expect(watch.state.watched.size).toBe(MAX_WATCHED_EDGES);
  watch.judge(FORGOTTEN_MINUTES, steady("new"));
  watch.judge(FORGOTTEN_MINUTES + 1, steady("new"));
  expect([...watch.state.watched.values()].map(({ edge }) => edge?.to))
    .toEqual(["new"]);
});

test("detect() watches no edge whose id is longer than MAX_WATCHED_ID_LENGTH", () => {
  const key = {
    from: virtualNode(SERVICE),
    to: virtualNode("t"),
    connectionType: "",
    system: "",
    destination: "",
  } as const;
  const room = MAX_WATCHED_ID_LENGTH - edgeId(key).length;
  for (const [more, count] of [[0, 1], [1, 0]] as const) {
    const watch = new WatchedTraffic();
    watch.judge(0, steady("t".repeat(1 + room + more)));
    expect(watch.state.watched.size).toBe(count);
  }
});

test("detect() lets MAX_LASTING_ANOMALIES last, and all fits MAX_DETECTOR_BYTES", () => {
  const watch = new WatchedTraffic();
  const name = "t".repeat(MAX_WATCHED_ID_LENGTH - 30);
  for (let minute = 0; minute < 3 * 60; minute++) {
    const window = emptyWindow();
    const isBroken = minute >= 2 * 60;
    for (let at = 0; at < MAX_WATCHED_EDGES; at++) {
      addSteady(window, `${name}${at}`, isBroken ? { failed: 150.5 } : {});
    }
    watch.judge(minute, window);
  }
  expect(watch.of("raised")).toHaveLength(MAX_LASTING_ANOMALIES);
  expect(watch.state.watched.size).toBe(MAX_WATCHED_EDGES);
  expect(encodeDetector(watch.state).length).toBeLessThan(MAX_DETECTOR_BYTES);
});
