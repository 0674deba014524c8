// Attacks the service with names, as `npm run test:attack` does. NAMES and SEED
// say how many and which.
import {
  attack,
  MAX_ATTACKED_MEMORY_BYTES,
  MAX_DISK_BYTES,
  MAX_ROWS_PER_SERVICE,
  MAX_SERVICE_OBJECTS,
} from "./attack_trial.ts";

const { NAMES = "50000", SEED = String(Date.now() % 1_000_000) } = process.env;

process.stdout.write(`SEED=${SEED} NAMES=${NAMES}\n`);
const began = performance.now();
const { problems, ...left } = await attack(Number(NAMES), Number(SEED));
const seconds = ((performance.now() - began) / 1000).toFixed(0);
process.stdout.write(`${JSON.stringify(left)} after ${seconds} s\n`);
if (
  problems.length > 0 || left.serviceObjects > MAX_SERVICE_OBJECTS ||
  left.mostRows > MAX_ROWS_PER_SERVICE || left.diskBytes > MAX_DISK_BYTES ||
  (left.memoryBytes ?? 0) > MAX_ATTACKED_MEMORY_BYTES
) {
  console.error(["Something is beyond its limit", ...problems].join("\n"));
  process.exitCode = 1;
}
