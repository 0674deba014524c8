import {
  driftVerdict,
  type Verdict,
} from "../../src/correlation/drift_verdict.ts";
import {
  DRIFT_KINDS,
  DRIFT_MINUTE,
  type DriftKind,
  scenario,
} from "../correlation/scenario.ts";

const SEEDS_PER_KIND = Number(process.env["SEEDS"] ?? 20);
// Harmless drifts are what the false alarms are counted on: more of them.
const HARMLESS_TIMES = 5;
// Rules were made on seeds from 1 on; what is reported comes from others.
const FIRST_SEED = Number(process.env["FIRST_SEED"] ?? 10_000);
const WINDOW = { at: DRIFT_MINUTE, before: 60, after: 60 };

const table: Record<string, Partial<Record<Verdict, number>>> = {};
const times: number[] = [];
for (const kind of Object.keys(DRIFT_KINDS) as DriftKind[]) {
  const counts: Partial<Record<Verdict, number>> = {};
  const seeds = SEEDS_PER_KIND * (kind === "harmless" ? HARMLESS_TIMES : 1);
  for (let run = 0; run < seeds; run++) {
    const edges = scenario(kind, FIRST_SEED + run);
    const start = performance.now();
    const { verdict } = driftVerdict(edges, WINDOW);
    times.push(performance.now() - start);
    counts[verdict] = (counts[verdict] ?? 0) + 1;
  }
  table[kind] = counts;
}
console.table(table);
const medianMs = times.toSorted((a, b) => a - b)[times.length >> 1];
console.log(JSON.stringify({ bench: "correlation", medianMs, table }));
