import type {
  Change,
  CorrelationInput,
} from "../../src/correlation/correlation_input.ts";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import { type Break, simulate } from "./simulate.ts";
import { type SimulatedSystem, simulatedSystem } from "./simulated_system.ts";

const MS_PER_MINUTE = 60_000;
/** A day to learn from, the hour after the change, and one more. */
export const SCENARIO_MINUTES = 1440 + 120;
/** The minute of the change. */
export const CHANGE_MINUTE = 1440 + 30;
const AFTER_MINUTES = 60;
const MS = 1e6;

/** What a scenario's change does. */
export const SCENARIO_KINDS = [
  "closed_callee",
  "closed_database",
  "slow_database",
  "slower_20_percent",
  "tail_only",
  "errors_1_percent",
  "after_4_minutes",
  "for_5_minutes",
  "slow_way",
  "cpu_steal",
  "several_at_once",
  "two_requests_a_minute",
  "no_drift",
  "after_the_onset",
  "harmless",
  "no_data",
] as const;

/** What a scenario's change does. */
export type ScenarioKind = (typeof SCENARIO_KINDS)[number];

/** A system of which everything is known. */
export interface Scenario {
  readonly input: CorrelationInput;
  /** What was changed at `CHANGE_MINUTE`. */
  readonly change: Change;
  /** The change's id; null: no change broke anything. */
  readonly cause: string | null;
  /** `nodeId` of what broke; null: nothing. */
  readonly root: string | null;
  /** Whose alert would ring, and when, ms; null: nobody's. */
  readonly alert: {
    readonly service: string;
    readonly startMs: number;
    readonly endMs: number;
  } | null;
}

/** A seeded scenario of a kind; `scale` 7 has some 500 edges. */
export function scenario(
  kind: ScenarioKind,
  seed: number,
  scale = 1,
): Scenario {
  const random = new SeededRandom(seed);
  const system = simulatedSystem(random, scale);
  const target = targetOf(kind, { system, random });
  const breaks = breaksOf(kind, { system, target, random });
  const perMinute = kind === "two_requests_a_minute"
    ? 4
    : kind === "no_data"
    ? 0.02
    : 60;
  const series = simulate({
    system,
    minutes: SCENARIO_MINUTES,
    perMinute,
    breaks,
  }, random);
  const node = system.nodes[target];
  if (node === undefined) throw new RangeError("No such node");
  const isWay = kind === "closed_callee" || kind === "closed_database" ||
    kind === "slow_way";
  const change: Change = {
    id: "the-change",
    resourceIds: [isWay ? node.securityGroup : node.resource],
    timeMs: CHANGE_MINUTE * MS_PER_MINUTE + random.below(MS_PER_MINUTE),
  };
  const onset = breaks[0]?.from;
  const innocents = innocentChanges(kind, { system, target, random });
  const isCause = onset !== undefined && onset >= CHANGE_MINUTE &&
    kind !== "no_drift";
  return {
    input: {
      series,
      links: system.links,
      mappings: system.mappings,
      changes: kind === "no_drift" ? innocents : [change, ...innocents],
    },
    change: kind === "no_drift" ? innocents[0] ?? change : change,
    cause: isCause ? change.id : null,
    root: onset === undefined ? null : node.id,
    alert: onset === undefined
      ? null
      : alertOf({ system, target, onset, random, kind }),
  };
}

interface Choice {
  readonly system: SimulatedSystem;
  readonly random: SeededRandom;
}

function targetOf(kind: ScenarioKind, { system, random }: Choice): number {
  const fitting = system.nodes.flatMap(({ isStore, layer }, at) => {
    const wanted = kind === "closed_database" || kind === "slow_database"
      ? isStore
      : kind === "closed_callee" || kind === "slow_way"
      ? !isStore && layer > 0
      : kind === "slower_20_percent"
      ? layer <= 1
      : !isStore;
    return wanted ? [at] : [];
  });
  return fitting[random.below(fitting.length)] ?? 0;
}

function breaksOf(
  kind: ScenarioKind,
  { system, target, random }: Choice & { readonly target: number },
): readonly Break[] {
  const from = CHANGE_MINUTE + random.below(2);
  const whole = { from, to: SCENARIO_MINUTES };
  const slow = { slow: { node: target, factor: 2 + random.fraction() } };
  const into = system.calls.findIndex(({ to }) => to === target);
  switch (kind) {
    case "closed_callee":
    case "closed_database":
      return [{ ...whole, closed: { node: target } }];
    case "slow_database":
      return [{ ...whole, slow: { node: target, factor: 4 } }];
    case "slower_20_percent":
      return [{ ...whole, slower: { node: target, factor: 1.2 } }];
    case "tail_only":
      return [{ ...whole, tail: { node: target, share: 0.03 } }];
    case "errors_1_percent":
      return [{ ...whole, failing: { node: target, share: 0.01 } }];
    case "after_4_minutes":
      return [{ ...whole, ...slow, from: CHANGE_MINUTE + 4 }];
    case "for_5_minutes":
      return [{ ...slow, from, to: from + 5 }];
    case "slow_way":
      return [{ ...whole, way: { call: into, moreNs: 25 * MS } }];
    case "cpu_steal":
    case "several_at_once":
    case "no_drift":
      return [{ ...whole, ...slow }];
    case "two_requests_a_minute":
      return [{ ...whole, slow: { node: target, factor: 4 } }];
    case "after_the_onset":
      return [{ ...whole, ...slow, from: CHANGE_MINUTE - 25 }];
    case "harmless":
    case "no_data":
      return [];
  }
}

/** Changes that break nothing: some hours before, and around. */
function innocentChanges(
  kind: ScenarioKind,
  { system, target, random }: Choice & { readonly target: number },
): Change[] {
  const own = system.nodes[target];
  function some(minute: number, sameSubnet: boolean, id: string): Change {
    const fitting = system.nodes.filter(({ subnet, resource }) =>
      resource !== own?.resource && (!sameSubnet || subnet === own?.subnet)
    );
    const node = fitting[random.below(fitting.length)] ?? system.nodes[0];
    const resource = random.chance(0.5) ? node?.resource : node?.securityGroup;
    return {
      id,
      resourceIds: [resource ?? ""],
      timeMs: minute * MS_PER_MINUTE + random.below(MS_PER_MINUTE),
    };
  }
  const earlier = Array.from(
    { length: 4 },
    (_, at) =>
      some(CHANGE_MINUTE - 30 - random.below(300), false, `earlier-${at}`),
  );
  const around = Array.from(
    { length: 3 },
    (_, at) =>
      some(CHANGE_MINUTE - 20 + random.below(40), false, `around-${at}`),
  );
  const beside = kind === "several_at_once"
    ? Array.from(
      { length: 3 },
      (_, at) =>
        some(CHANGE_MINUTE - 2 + random.below(4), true, `beside-${at}`),
    )
    : [];
  return [...around, ...earlier, ...beside];
}

/** The alert of the topmost service that the root makes clearly worse. */
function alertOf(
  { system, target, onset, random, kind }: Choice & {
    readonly target: number;
    readonly onset: number;
    readonly kind: ScenarioKind;
  },
): Scenario["alert"] {
  // Of a small or rare effect only the one next to it has an alert.
  const near = kind === "slower_20_percent" || kind === "tail_only" ||
    kind === "errors_1_percent" || kind === "slow_way" ||
    kind === "two_requests_a_minute";
  let service = target;
  let steps = 0;
  for (;;) {
    const callers = system.calls.filter(({ to, share }) =>
      to === service && share >= 0.5
    );
    const isStore = system.nodes[service]?.isStore === true;
    const first = system.calls.find(({ to }) => to === service);
    const caller = callers[0] ?? (isStore || kind === "closed_callee" ||
        kind === "slow_way"
      ? steps === 0 ? first : undefined
      : undefined);
    const isEnough = steps >= 2 ||
      (near && !(isStore || (steps === 0 && kind === "slow_way")));
    if (caller === undefined || isEnough) break;
    service = caller.from;
    steps++;
  }
  const start = onset + 2 + random.below(4);
  return {
    service: system.nodes[service]?.id ?? "",
    startMs: start * MS_PER_MINUTE,
    endMs: Math.min(
      start + 30,
      kind === "for_5_minutes" ? onset + 6 : CHANGE_MINUTE + AFTER_MINUTES,
    ) * MS_PER_MINUTE,
  };
}
