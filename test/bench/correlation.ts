import { Console } from "node:console";
import { correlateDrift } from "../../src/correlation/drift_report.ts";
import { correlateIncident } from "../../src/correlation/incident_report.ts";
import {
  scenario,
  SCENARIO_KINDS,
  type ScenarioKind,
} from "../correlation/scenario.ts";
import { petshopScores } from "./petshop.ts";
import { quietWeeks } from "./quiet_weeks.ts";

const out = new Console(process.stdout);
/** Scenarios of each kind. */
const RUNS = Number(process.env["RUNS"] ?? 20);
// Harmless changes are what false alarms are counted on: more of them.
const HARMLESS_TIMES = 15;
// The rules were made on seeds from 1 on: what is reported comes from others.
const FIRST_SEED = Number(process.env["FIRST_SEED"] ?? 10_000);
const KINDS = (process.env["KINDS"]?.split(",") ??
  SCENARIO_KINDS) as readonly ScenarioKind[];
const WINDOW_MINUTES = 60;
/** Services that are watched for a week in which nothing is wrong. */
const QUIET_SERVICES = Number(process.env["QUIET_SERVICES"] ?? 40);
/** What makes a map of some 500 edges. */
const LARGE_SCALE = 7;
const LARGE_RUNS = 5;

interface Row {
  runs: number;
  first: number;
  withinThree: number;
  rootRight: number;
  blamed: number;
  innocents: number;
  innocentsBlamed: number;
  verdicts: Record<string, number>;
}

const table: Record<string, Row> = {};
const reportMs: number[] = [];
for (const kind of KINDS) {
  const row: Row = {
    runs: 0,
    first: 0,
    withinThree: 0,
    rootRight: 0,
    blamed: 0,
    innocents: 0,
    innocentsBlamed: 0,
    verdicts: {},
  };
  table[kind] = row;
  const runs = RUNS * (kind === "harmless" ? HARMLESS_TIMES : 1);
  for (let run = 0; run < runs; run++) judge(kind, FIRST_SEED + run, row);
}

function judge(kind: ScenarioKind, seed: number, row: Row): void {
  const { input, change, cause, root, alert } = scenario(kind, seed);
  row.runs++;
  const started = performance.now();
  const { verdict } = correlateDrift(input, {
    change,
    windowMinutes: WINDOW_MINUTES,
  });
  reportMs.push(performance.now() - started);
  row.verdicts[verdict] = (row.verdicts[verdict] ?? 0) + 1;
  const isBlamed = verdict === "caused" || verdict === "likely";
  if (cause === change.id && isBlamed) row.blamed++;
  for (const other of input.changes) {
    if (other.id === cause) continue;
    row.innocents++;
    const said = correlateDrift(input, {
      change: other,
      windowMinutes: WINDOW_MINUTES,
    }).verdict;
    if (said === "caused" || said === "likely") {
      row.innocentsBlamed++;
      if (process.env["VERBOSE"]) out.info(kind, seed, other, said);
    }
  }
  if (alert === null) return;
  const { candidates, rootService } = correlateIncident(input, alert);
  const rank = candidates.findIndex(({ changeId }) => changeId === cause);
  if (rank === 0) row.first++;
  if (rank >= 0 && rank < 3) row.withinThree++;
  if (rootService === root) row.rootRight++;
  if (process.env["VERBOSE"] && (rank !== 0 || !isBlamed)) {
    out.info(kind, seed, { verdict, rank, rootService, root, alert });
  }
}

const large: number[] = [];
for (let run = 0; run < LARGE_RUNS; run++) {
  const { input, change } = scenario(
    "cpu_steal",
    FIRST_SEED + run,
    LARGE_SCALE,
  );
  const started = performance.now();
  correlateDrift(input, { change, windowMinutes: WINDOW_MINUTES });
  large.push(performance.now() - started);
  if (run === 0) {
    out.info(`the large map has ${input.series.edges.length} edges`);
  }
}

const shown = Object.fromEntries(
  Object.entries(table).map(([kind, { verdicts, ...row }]) => [
    kind,
    { ...row, ...verdicts },
  ]),
);
out.table(shown);
const caused = Object.entries(table)
  .filter(([kind]) =>
    !["no_drift", "after_the_onset", "harmless", "no_data"].includes(kind)
  )
  .map(([, row]) => row);
const total = (pick: (row: Row) => number, rows = Object.values(table)) =>
  rows.reduce((sum, row) => sum + pick(row), 0);
const runs = total((row) => row.runs, caused);
out.info(JSON.stringify({
  bench: "correlation",
  scenarios: total((row) => row.runs),
  first: total((row) => row.first, caused) / runs,
  withinThree: total((row) => row.withinThree, caused) / runs,
  rootRight: total((row) => row.rootRight, caused) / runs,
  recall: total((row) => row.blamed, caused) / runs,
  innocents: total((row) => row.innocents),
  innocentsBlamed: total((row) => row.innocentsBlamed) /
    total((row) => row.innocents),
  quiet: quietWeeks({
    services: QUIET_SERVICES,
    days: 7,
    firstSeed: FIRST_SEED,
  }),
  reportMs: median(reportMs),
  largeReportMs: { median: median(large), max: Math.max(...large) },
}));

const petshop = process.env["PETSHOP"];
if (petshop !== undefined) {
  const scores = petshopScores(petshop);
  out.table(scores);
  out.info(JSON.stringify({ bench: "petshop", scores }));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(10 * (sorted[sorted.length >> 1] ?? 0)) / 10;
}
