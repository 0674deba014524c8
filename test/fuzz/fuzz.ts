// Sends broken requests to the service, as `npm run test:fuzz` does. COUNT and
// SEED say how many and which.
import { startService } from "../harness/service.ts";
import {
  fuzzService,
  LONG_RUN_REQUESTS,
  MAX_MEMORY_BYTES,
  MAX_MEMORY_GROWTH_BYTES,
} from "./fuzz_trial.ts";

const { COUNT = "200000", SEED = String(Date.now() % 1_000_000) } = process.env;
const MIB = 1024 * 1024;

process.stdout.write(`SEED=${SEED} COUNT=${COUNT}\n`);
const began = performance.now();
const service = await startService();
const { statuses, problems, warmBytes, endBytes } = await fuzzService(
  service,
  { seed: Number(SEED), count: Number(COUNT) },
);
await service.stop();
const answers = [...statuses].toSorted(([a], [b]) => a - b)
  .map(([status, count]) => `${status}: ${count}`).join(", ");
const seconds = ((performance.now() - began) / 1000).toFixed(0);
process.stdout.write(`Answers: ${answers}, in ${seconds} s\n`);
if (warmBytes !== null && endBytes !== null) {
  process.stdout.write(
    `Memory: ${(warmBytes / MIB).toFixed(0)} MiB when warm, ` +
      `${(endBytes / MIB).toFixed(0)} MiB at the end\n`,
  );
  const isLong = Number(COUNT) >= LONG_RUN_REQUESTS;
  const grows = isLong && endBytes - warmBytes > MAX_MEMORY_GROWTH_BYTES;
  if (grows || endBytes > MAX_MEMORY_BYTES) {
    console.error("The memory grows");
    process.exitCode = 1;
  }
}
if (problems.length > 0) {
  console.error(problems.join("\n"));
  console.error(`Run it again: SEED=${SEED} COUNT=${COUNT} npm run test:fuzz`);
  process.exitCode = 1;
}
