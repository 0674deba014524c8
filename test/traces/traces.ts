// Posts traces with whatever in each field and compares every answer with
// them, as `npm run test:traces` does. COUNT says how many, SEED which.
import { SeededRandom } from "../../src/local/seeded_random.ts";
import { startService } from "../harness/service.ts";
import { postBatches } from "../truth/post_batches.ts";
import { traceBatches } from "./trace_batches.ts";
import { traceDifferences } from "./trace_differences.ts";
import { TRACE_FORMS } from "./trace_forms.ts";
import { wholeTraces } from "./whole_traces.ts";

const { COUNT = "5000", SEED = String(Date.now() % 1_000_000) } = process.env;

/**
 * Over how many spans those of a trace are spread: a trace that goes on for
 * several batches of a shard is not kept whole.
 */
const WITHIN_SPANS = 3000;

/** Runs something, and says how long it took, ms. */
async function timed<T>(what: () => T | Promise<T>) {
  const began = performance.now();
  const result = await what();
  return { result, ms: Math.round(performance.now() - began) };
}

process.stdout.write(`SEED=${SEED} COUNT=${COUNT}\n`);
const seed = Number(SEED);
const traces = wholeTraces(Number(COUNT), { seed, nowMs: Date.now() });
const batches = traceBatches(traces, new SeededRandom(seed), {
  within: WITHIN_SPANS,
});
const service = await startService({ env: { TRACE_SHARDS: "2" } });
try {
  const { url } = service;
  const posted = await timed(() => postBatches(url, batches));
  const differences = [...posted.result.failures];
  const answeredMs: Record<string, number> = {};
  for (const form of TRACE_FORMS) {
    const answered = await timed(() => traceDifferences({ url, traces }, form));
    differences.push(...answered.result);
    answeredMs[form.name] = answered.ms;
  }
  process.stdout.write(`${
    JSON.stringify({
      seed,
      traces: traces.length,
      spans: traces.flat().length,
      requests: batches.length,
      bytes: batches.reduce((sum, { body }) => sum + body.length, 0),
      postedMs: posted.ms,
      answeredMs,
      differences: differences.length,
    })
  }\n`);
  if (differences.length > 0) {
    console.error(
      [
        ...differences,
        `Run it again: SEED=${SEED} COUNT=${COUNT} npm run test:traces`,
      ].join("\n"),
    );
    process.exitCode = 1;
  }
} finally {
  await service.stop();
}
