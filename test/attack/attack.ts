// Attacks the service with names, as `npm run test:attack` does. NAMES and SEED
// say how many and which.
import { attackProblems } from "./attack_limits.ts";
import { attack } from "./attack_trial.ts";

const { NAMES = "50000", SEED = String(Date.now() % 1_000_000) } = process.env;

process.stdout.write(`SEED=${SEED} NAMES=${NAMES}\n`);
const began = performance.now();
const report = await attack(Number(NAMES), Number(SEED));
const seconds = ((performance.now() - began) / 1000).toFixed(0);
const { problems, calmMs, attackedMs, ...left } = report;
process.stdout.write(`${JSON.stringify(left)} after ${seconds} s\n`);
process.stdout.write(
  `Another tenant's p99: ${calmMs.toFixed(1)} ms before, ` +
    `${attackedMs.toFixed(1)} ms beside it, ` +
    `${(attackedMs / calmMs).toFixed(1)} times as long\n`,
);
const found = [...problems, ...attackProblems(report)];
if (found.length > 0) {
  console.error(found.join("\n"));
  console.error(
    `Run it again: SEED=${SEED} NAMES=${NAMES} npm run test:attack`,
  );
  process.exitCode = 1;
}
