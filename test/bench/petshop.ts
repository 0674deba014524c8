import type { Excess } from "../../src/correlation/excess.ts";
import { placeboTailP } from "../../src/correlation/placebo_tail.ts";
import { rankRoots } from "../../src/correlation/rank_roots.ts";
import {
  type PetshopRow,
  type PetshopScenario,
  readPetshop,
} from "./petshop_data.ts";

/** Rows of an incident: the first is clean, the third and fourth are after. */
const ROWS = 5;
const USUAL_SHARE = 0.95;
/** The smallest rise of a symptom that is looked into: 5 %, three failures. */
const MIN_RISE_LOG2 = Math.log2(1.05);
const MIN_FAILED = 3;
const FAILURES_PER_E_FOLD = 2;

type Mode = "failures" | "time";

/** What a node did after the first row: its rise, and how much more in all. */
interface NodeChange {
  readonly requests: number;
  /** Log2 of the mean latency's ratio; failed by requests. */
  readonly rise: number;
  readonly excess: number;
  /** What a rise makes in all. */
  excessOf(rise: number): number;
}

/** How a scenario was judged. */
export interface PetshopScore {
  readonly scenario: string;
  readonly incidents: number;
  readonly first: number;
  readonly withinThree: number;
  /** Share of the quiet windows of five rows in which anything is blamed. */
  readonly quietBlamed: number;
}

/**
 * Judges `rankRoots` on PetShop's incidents. The data set has figures of nodes
 * alone: what of a callee's excess is a caller's is told by their requests.
 */
export function petshopScores(folder: string): PetshopScore[] {
  return readPetshop(folder).map((scenario) => {
    const { name, incidents, quiet } = scenario;
    const noise = learnNoise(scenario);
    const ranks = incidents.map(({ rows, symptom, root }) =>
      blamedNodes(rows, symptom, { scenario, noise }).indexOf(root)
    );
    const symptom = incidents[0]?.symptom ?? "";
    const windows = quiet.length - ROWS + 1;
    const blamed = Array.from({ length: windows }, (_, at) =>
      blamedNodes(quiet.slice(at, at + ROWS), symptom, { scenario, noise }))
      .filter((nodes) =>
        nodes.length > 0
      ).length;
    return {
      scenario: name,
      incidents: incidents.length,
      first: ranks.filter((rank) =>
        rank === 0
      ).length,
      withinThree: ranks.filter((rank) => rank >= 0 && rank < 3).length,
      quietBlamed: blamed / windows,
    };
  });
}

type Noise = ReadonlyMap<string, Readonly<Record<Mode, readonly number[]>>>;

interface Known {
  readonly scenario: PetshopScenario;
  readonly noise: Noise;
}

/** What each node does in all quiet windows. */
function learnNoise({ quiet }: PetshopScenario): Noise {
  const nodes = new Set(quiet.flatMap((row) => [...row.keys()]));
  function rises(node: string, mode: Mode): number[] {
    const found: number[] = [];
    for (let at = 0; at + ROWS <= quiet.length; at++) {
      const change = changeOf(quiet.slice(at, at + ROWS), node, mode);
      if (change !== null) found.push(change.rise);
    }
    return found;
  }
  return new Map(
    [...nodes].map((node) => [node, {
      failures: rises(node, "failures"),
      time: rises(node, "time"),
    }]),
  );
}

/** The nodes that are blamed for a symptom, the likeliest first. */
function blamedNodes(
  rows: readonly PetshopRow[],
  symptom: string,
  known: Known,
): string[] {
  for (const mode of ["failures", "time"] as const) {
    const changes = new Map(
      [...(rows[0]?.keys() ?? [])].flatMap((node) => {
        const change = changeOf(rows, node, mode);
        return change === null ? [] : [[node, change] as const];
      }),
    );
    const own = changes.get(symptom);
    const rose = own !== undefined &&
      (mode === "time" ? own.rise >= MIN_RISE_LOG2 : own.excess >= MIN_FAILED);
    if (!rose) continue;
    const below = nodesBelow(symptom, known.scenario);
    const parts = [...changes].filter(([node]) => below.has(node))
      .map(([part, change]) => ({
        part,
        excess: excessOf(part, { change, changes, mode, known }),
      }));
    const { p } = excessOf(symptom, { change: own, changes, mode, known });
    const roots = rankRoots(parts, { excess: own.excess, p });
    if (roots.length > 0) return roots.map(({ part }) => part);
  }
  return [];
}

function excessOf(
  node: string,
  { change, changes, mode, known: { scenario, noise } }: {
    readonly change: NodeChange;
    readonly changes: ReadonlyMap<string, NodeChange>;
    readonly mode: Mode;
    readonly known: Known;
  },
): Excess {
  const callees = scenario.calls.filter(({ from }) => from === node);
  const spent = callees.reduce((sum, { to }) => {
    const all = scenario.calls.filter((call) => call.to === to)
      .reduce(
        (count, { from }) => count + (changes.get(from)?.requests ?? 0),
        0,
      );
    const share = all > 0 ? change.requests / all : 0;
    return sum + share * Math.max(0, changes.get(to)?.excess ?? 0);
  }, 0);
  const nulls = noise.get(node)?.[mode] ?? [];
  const usual =
    nulls.toSorted((a, b) => a - b)[Math.floor(nulls.length * USUAL_SHARE)] ??
      0;
  return {
    excess: change.excess - spent,
    chance: Math.max(0, change.excessOf(usual)),
    p: nulls.length < 20 ? 1 : placeboTailP(change.rise, nulls, {
      independent: nulls.length / ROWS,
      resolution: mode === "failures"
        ? FAILURES_PER_E_FOLD / change.requests
        : 0,
    }),
  };
}

function nodesBelow(
  start: string,
  { calls }: PetshopScenario,
): ReadonlySet<string> {
  const below = new Set([start]);
  for (const node of below) {
    for (const { from, to } of calls) if (from === node) below.add(to);
  }
  return below;
}

/** null: too little is known of it. */
function changeOf(
  rows: readonly PetshopRow[],
  node: string,
  mode: Mode,
): NodeChange | null {
  const before = rows[0]?.get(node);
  const after = [rows[2]?.get(node), rows[3]?.get(node)]
    .filter((cell) => cell !== undefined);
  const requests = after.reduce((sum, cell) => sum + cell.requests, 0);
  if (before === undefined || before.requests === 0 || requests === 0) {
    return null;
  }
  if (mode === "failures") {
    const failed = after.reduce((sum, cell) => sum + cell.failed, 0);
    const rise = failed / requests - before.failed / before.requests;
    const excessOfRise = (of: number): number => of * requests;
    return { requests, rise, excess: rise * requests, excessOf: excessOfRise };
  }
  const time = after.reduce(
    (sum, cell) => sum + (cell.requests > 0 ? cell.requests * cell.latency : 0),
    0,
  );
  const { latency } = before;
  if (!(latency > 0) || !(time > 0)) return null;
  const rise = Math.log2(time / requests / latency);
  return {
    requests,
    rise,
    excess: time - latency * requests,
    excessOf: (of) => (2 ** of - 1) * latency * requests,
  };
}
