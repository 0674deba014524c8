// Kills the service in the middle of its work, again and again, as
// `npm run test:crash` does, and compares at the end. ROUNDS and SEED say how
// often and from what.
import { runCrashTest } from "./crash_test_run.ts";

const { ROUNDS = "50", SEED = String(Date.now() % 1_000_000) } = process.env;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

print(`SEED=${SEED} ROUNDS=${ROUNDS}`);
try {
  await runCrashTest({
    seed: Number(SEED),
    rounds: Number(ROUNDS),
    report: print,
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
