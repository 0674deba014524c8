import { expect, test } from "vitest";
import {
  doubtfulTimeWeight,
  ONSET_ERROR_MINUTES,
  timeWeight,
} from "../../src/correlation/cause_weight.ts";
import {
  controlEdges,
  MAX_CONTROLS,
  MIN_CONTROLS,
} from "../../src/correlation/control_level.ts";
import { VERDICTS } from "../../src/correlation/drift_finding.ts";
import { correlateDrift } from "../../src/correlation/drift_report.ts";
import {
  correlateIncident,
  MAX_CANDIDATES,
  MAX_LAG_MINUTES,
} from "../../src/correlation/incident_report.ts";
import { MAX_ROOTS } from "../../src/correlation/look_around.ts";
import { mapComponents } from "../../src/correlation/map_components.ts";
import {
  MAX_PLACES,
  measuredPlaces,
} from "../../src/correlation/measured_places.ts";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import {
  type EdgeSeries,
  emptyLatency,
  emptyRequests,
  type RequestSeries,
} from "../../src/series/map_series.ts";
import { CHANGE_MINUTE, scenario, type ScenarioKind } from "./scenario.ts";

const MS_PER_MINUTE = 60_000;

const SLOW_DATABASE = scenario("slow_database", 7);
const ALERT = SLOW_DATABASE.alert ?? expect.unreachable();

function report(kind: ScenarioKind, seed: number) {
  const { input, change } = scenario(kind, seed);
  return correlateDrift(input, { change, windowMinutes: 60 });
}

test("correlateDrift() blames a closed database, and says where it shows", () => {
  const { input, change, root } = scenario("closed_database", 2);
  const found = correlateDrift(input, { change, windowMinutes: 60 });
  expect(found.verdict).toBe("caused");
  const [worst] = found.services;
  expect(worst?.role).toBe("critical_failure");
  expect(worst?.effects[0]).toMatchObject({
    callee: root,
    blame: { root, timely: true },
  });
  expect(found.reasons.join("\n")).toContain(root);
  expect(found.controls).toBeGreaterThanOrEqual(MIN_CONTROLS);
});

test("correlateDrift() sees a callee that no call reaches any more", () => {
  const found = report("closed_callee", 3);
  expect(found.verdict).toBe("caused");
  expect(new Set(found.effects.slice(0, 12).map(({ metric }) => metric)))
    .toContain("missing_callee");
});

test("correlateDrift() of a harmless change blames it for nothing", () => {
  expect(report("harmless", 4).verdict).toBe("no_effect");
});

test("correlateDrift() without data, without services, and too early says so", () => {
  expect(report("no_data", 5).verdict).toBe("not_enough_data");
  const { input, change } = scenario("cpu_steal", 5);
  const elsewhere = { ...change, resourceIds: ["aws:s3:logs"] };
  const none = correlateDrift(input, { change: elsewhere, windowMinutes: 60 });
  expect(none.verdict).toBe("not_enough_data");
  expect(none.reasons[0]).toContain("No service is known");
  const late = {
    ...change,
    timeMs: (input.series.minutes - 4) * MS_PER_MINUTE,
  };
  const early = correlateDrift(input, { change: late, windowMinutes: 60 });
  expect(early.verdict).toBe("not_enough_data");
  expect(early.reasons[0]).toContain("Only 4 minutes");
});

test("correlateDrift() of a change after the onset does not blame it", () => {
  expect(["unlikely", "no_effect"]).toContain(
    report("after_the_onset", 6).verdict,
  );
});

test("correlateIncident() ranks the change that reaches what broke first", () => {
  const { input, cause, root } = SLOW_DATABASE;
  const found = correlateIncident(input, ALERT);
  expect(found.rootService).toBe(root);
  expect(found.roots.length).toBeLessThanOrEqual(MAX_ROOTS);
  expect(found.candidates[0]).toMatchObject({
    changeId: cause,
    rank: 1,
    linked: true,
    atRoot: true,
  });
  expect(found.candidates[0]?.score).toBeGreaterThan(0.5);
});

test("correlateIncident() takes no change more than ONSET_ERROR_MINUTES after the onset, or more than MAX_LAG_MINUTES before", () => {
  const { input, change } = SLOW_DATABASE;
  function ranked(minute: number): number {
    const moved = { ...change, timeMs: minute * MS_PER_MINUTE };
    return correlateIncident({ ...input, changes: [moved] }, ALERT)
      .candidates.length;
  }
  const { roots } = correlateIncident(input, ALERT);
  const onset = roots[0]?.onset ?? expect.unreachable();
  expect(ranked(onset.latest + ONSET_ERROR_MINUTES)).toBe(1);
  expect(ranked(onset.latest + ONSET_ERROR_MINUTES + 1)).toBe(0);
  expect(ranked(onset.earliest - MAX_LAG_MINUTES)).toBe(1);
  expect(ranked(onset.earliest - MAX_LAG_MINUTES - 1)).toBe(0);
});

test("correlateDrift() answers for any window, and for a change of any age", () => {
  const { input, change } = SLOW_DATABASE;
  for (const windowMinutes of [1, 4, 5, 9, 10, 11, 60, 1440]) {
    const { verdict } = correlateDrift(input, { change, windowMinutes });
    expect([windowMinutes, verdict]).toEqual([
      windowMinutes,
      windowMinutes < 5
        ? "not_enough_data"
        // Too few other times fit beside it.
        : windowMinutes === 1440
        ? "likely"
        : "caused",
    ]);
  }
  const { minutes } = input.series;
  for (const minute of [-5, 0, 3, minutes - 7, minutes - 1, minutes + 90]) {
    const moved = { ...change, timeMs: minute * MS_PER_MINUTE };
    correlateDrift(input, { change: moved, windowMinutes: 60 });
  }
});

/** Minutes of which many have no request. */
function drawnRequests(random: SeededRandom, minutes: number): RequestSeries {
  const made = emptyRequests(minutes);
  const density = random.fraction();
  for (let minute = 0; minute < minutes; minute++) {
    if (!random.chance(density)) continue;
    const count = random.below(50);
    made.count[minute] = count;
    if (count === 0) continue;
    made.sumNs[minute] = random.below(1e9);
    made.failed[minute] = random.below(count + 1);
    const level = random.below(30);
    for (const column of ["p50", "p95", "p99"] as const) {
      made[column][minute] = level + random.below(3);
    }
  }
  return made;
}

test("correlateDrift() and correlateIncident() answer whatever little is known", () => {
  const random = new SeededRandom(5);
  for (let round = 0; round < 100; round++) {
    const minutes = random.below(200);
    const names = ["web", "cart", "db"];
    const edges = Array.from({ length: random.below(4) }, (_, at) => ({
      id: `edge-${at}`,
      from: names[random.below(3)] ?? "",
      to: names[random.below(3)] ?? "",
      connectionType: "" as const,
      calls: drawnRequests(random, minutes),
      client: drawnRequests(random, minutes),
    }));
    const change = {
      id: "change",
      resourceIds: ["db"],
      timeMs: (random.below(minutes + 20) - 10) * MS_PER_MINUTE,
    };
    const input = {
      series: {
        startS: 0,
        minutes,
        edges,
        services: names.slice(0, random.below(4))
          .map((id) => ({ id, requests: drawnRequests(random, minutes) })),
      },
      links: [],
      mappings: names
        .map((service) => ({ resourceId: "db", service, confidence: 0.8 })),
      changes: [change],
    };
    const windowMinutes = 1 + random.below(90);
    expect(VERDICTS)
      .toContain(correlateDrift(input, { change, windowMinutes }).verdict);
    const startMs = random.below(minutes + 20) * MS_PER_MINUTE;
    const { candidates } = correlateIncident(input, {
      service: names[random.below(3)] ?? "",
      startMs,
      endMs: startMs + random.below(30) * MS_PER_MINUTE,
    });
    expect(candidates.every(({ score }) => score >= 0 && score <= 1))
      .toBe(true);
  }
});

test.for(
  [["after_4_minutes", 117], ["slow_way", 102], [
    "for_5_minutes",
    100,
  ]] as const,
)(
  "correlateIncident() finds the change though the service's own figure hides when it began: %s %i",
  ([kind, seed]) => {
    const { input, alert, cause } = scenario(kind, seed);
    if (alert === null) expect.unreachable();
    const { candidates } = correlateIncident(input, alert);
    expect(candidates[0]?.changeId).toBe(cause);
  },
);

test("doubtfulTimeWeight() is timeWeight() but for a change right after the onset", () => {
  for (let most = -ONSET_ERROR_MINUTES - 3; most < 60; most++) {
    const lag = { least: most - 2, most };
    const isDoubtful = most < -1 && most >= -ONSET_ERROR_MINUTES;
    expect(timeWeight(lag) > 0).toBe(most >= -1);
    expect(doubtfulTimeWeight(lag)).toBe(isDoubtful ? 0.3 : timeWeight(lag));
  }
});

test("correlateIncident() ranks MAX_CANDIDATES changes, not one more", () => {
  const { input, change } = SLOW_DATABASE;
  function ranked(count: number): number {
    const changes = Array.from(
      { length: count },
      (_, at) => ({ ...change, id: `${at}`, resourceIds: [`x${at}`] }),
    );
    return correlateIncident({ ...input, changes }, ALERT).candidates.length;
  }
  expect(ranked(MAX_CANDIDATES)).toBe(MAX_CANDIDATES);
  expect(ranked(MAX_CANDIDATES + 1)).toBe(MAX_CANDIDATES);
});

function edge(at: number): EdgeSeries {
  const calls = emptyRequests(30);
  calls.count.fill(at + 1);
  return {
    id: `a${at}\nb${at}\n`,
    from: `a${at}`,
    to: `b${at}`,
    connectionType: "",
    calls,
    client: emptyLatency(30),
  };
}

test("controlEdges() are MAX_CONTROLS of the busiest, and none of too few", () => {
  function controls(count: number): readonly EdgeSeries[] {
    const edges = Array.from({ length: count }, (_, at) => edge(at));
    return controlEdges(edges, new Set(["a0"]));
  }
  expect(controls(MAX_CONTROLS + 1).length).toBe(MAX_CONTROLS);
  expect(controls(MAX_CONTROLS + 2).length).toBe(MAX_CONTROLS);
  expect(controls(MAX_CONTROLS + 2).some(({ from }) => from === "a1"))
    .toBe(false);
  expect(controls(MIN_CONTROLS).length).toBe(0);
});

test("measuredPlaces() are MAX_PLACES at the most, the closest", () => {
  function places(count: number): readonly string[] {
    const edges = Array.from({ length: count }, (_, at) => ({
      ...edge(at),
      from: "caller",
    }));
    const requests = emptyRequests(30);
    requests.count.fill(1);
    const services = [{ id: "caller", requests }];
    const series = { startS: 0, minutes: 30, edges, services };
    const map = mapComponents(series, { at: 20, lost: new Map() });
    const touched = new Map(
      edges.map(({ to }, at) => [to, {
        node: to,
        distance: 1,
        weight: at === 0 ? 0.2 : 0.9,
        path: [],
      }]),
    );
    return measuredPlaces(edges, { touched, map, at: 20 }).places
      .map(({ place }) => place.callee ?? place.service);
  }
  // The caller itself is a place, and the least close.
  expect(places(MAX_PLACES - 1).length).toBe(MAX_PLACES);
  expect(places(MAX_PLACES + 1).length).toBe(MAX_PLACES);
  expect(places(MAX_PLACES + 1)).not.toContain("b0");
});

test("the change of a scenario is where its truth says", () => {
  const { input, change } = scenario("cpu_steal", 1);
  expect(input.changes.filter(({ id }) => id === change.id)).toEqual([change]);
  expect(Math.floor(change.timeMs / MS_PER_MINUTE)).toBe(CHANGE_MINUTE);
  expect(scenario("cpu_steal", 1)).toEqual(scenario("cpu_steal", 1));
});
