import { expect, test } from "vitest";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import { startService } from "../harness/service.ts";
import { temporaryFolder } from "../harness/temporary_folder.ts";
import { traceBatches } from "../traces/trace_batches.ts";
import { traceDifferences, traceLacks } from "../traces/trace_differences.ts";
import { TRACE_FORMS } from "../traces/trace_forms.ts";
import { wholeTraces } from "../traces/whole_traces.ts";
import { postBatches } from "../truth/post_batches.ts";

const env = { TRACE_SHARDS: "3" };

test("GET /api/v1/traces/{trace_id}, and Tempo's and Jaeger's, answer every field of every span that was sent", async () => {
  const traces = wholeTraces(300, { seed: 7, nowMs: Date.now() });
  const service = await startService({ env });
  try {
    const { url } = service;
    const batches = traceBatches(traces, new SeededRandom(7));
    expect((await postBatches(url, batches)).failures).toEqual([]);
    for (const form of TRACE_FORMS) {
      expect(await traceDifferences({ url, traces }, form)).toEqual([]);
    }
  } finally {
    await service.stop();
  }
});

test("startService() after kill -9 in the middle of posting still has every field of every acknowledged span", async () => {
  const traces = wholeTraces(150, { seed: 8, nowMs: Date.now() });
  const batches = traceBatches(traces, new SeededRandom(8));
  const dataFolder = temporaryFolder();
  const first = await startService({ dataFolder, env });
  let killed: Promise<void> | undefined;
  const { acknowledged } = await postBatches(first.url, batches, {
    onAcknowledged(count) {
      if (count >= batches.length / 2) killed ??= first.kill();
    },
  });
  await killed;
  expect(acknowledged.size).toBeGreaterThanOrEqual(batches.length / 2);
  expect(acknowledged.size).toBeLessThan(batches.length);
  const sent = new Set(
    batches.flatMap((batch, at) => acknowledged.has(at) ? batch.sent : []),
  );

  const second = await startService({ dataFolder, env });
  try {
    const { url } = second;
    const known = traces.map((spans) => spans.filter((span) => sent.has(span)));
    expect(await traceLacks({ url, traces: known })).toEqual([]);
    const rest = batches.filter((_, at) => !acknowledged.has(at));
    expect((await postBatches(url, rest)).failures).toEqual([]);
    for (const form of TRACE_FORMS) {
      expect(await traceDifferences({ url, traces }, form)).toEqual([]);
    }
  } finally {
    await second.stop();
  }
});
