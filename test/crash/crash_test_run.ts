import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../src/local/project_root.ts";
import { crashPlan, type CrashRound, type SpanRange } from "./crash_plan.ts";
import { type CrashedRound, CrashTrial } from "./crash_trial.ts";

/** After so many rounds everything is compared with what has to be there. */
export const ROUNDS_BETWEEN_CHECKS = 10;

/** How a crash test is run. */
export interface CrashTestOptions {
  /** What the plan and all traffic follow from. */
  readonly seed: number;
  readonly rounds: number;
  /** Of a round. @default {ROUND_SPANS} */
  readonly spans?: SpanRange;
  /** Told about each round, and about each comparison. */
  readonly report?: (line: string) => void;
}

/**
 * Runs a crash test on one data folder, which stays if anything differs.
 *
 * @throws {Error} Where something differs or the service does not come back;
 * the message has the differences, and says how to run the same again.
 */
export async function runCrashTest(options: CrashTestOptions): Promise<void> {
  const { seed, rounds, spans, report = () => undefined } = options;
  const plan = crashPlan(seed, rounds, spans && { spans });
  const parent = join(PROJECT_ROOT, "dist");
  mkdirSync(parent, { recursive: true });
  // A folder of its own kind: temporary ones are gone when the tests end.
  const folder = mkdtempSync(join(parent, "crash-"));
  const trial = await CrashTrial.start(join(folder, "data"));
  let problem: string;
  try {
    problem = await firstProblem(trial, plan, report);
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error);
  } finally {
    await trial.stop();
  }
  if (problem === "") {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    return;
  }
  writeFileSync(join(folder, "service.log"), trial.log);
  throw new Error(
    `${problem}\nThe data and the service's log are in ${folder}\n` +
      `Run it again: SEED=${seed} ROUNDS=${rounds} npm run test:crash`,
  );
}

/** "" where everything is as it has to be. */
async function firstProblem(
  trial: CrashTrial,
  plan: readonly CrashRound[],
  report: (line: string) => void,
): Promise<string> {
  for (const round of plan) {
    const began = performance.now();
    report(described(round, await trial.run(round), performance.now() - began));
    const isLast = round.number === plan.length;
    if (!isLast && round.number % ROUNDS_BETWEEN_CHECKS !== 0) continue;
    const differences = await trial.differences();
    if (differences.length > 0) {
      return [`After round ${round.number}:`, ...differences].join("\n");
    }
    report("Everything acknowledged is on the map once, and with Tempo");
  }
  return "";
}

function described(
  { number, mood, kills }: CrashRound,
  { spans, acknowledged, retries }: CrashedRound,
  ms: number,
): string {
  const moments = kills.map(({ acknowledgedShare, delayMs }) =>
    `${(acknowledgedShare * 100).toFixed(0)} % + ${delayMs} ms`
  );
  return `Round ${number}: Tempo ${mood}, killed at ${
    moments.join(" and ")
  }, ` +
    `${spans} spans in ${acknowledged} requests, ${retries} sent again, ` +
    `${(ms / 1000).toFixed(1)} s`;
}
