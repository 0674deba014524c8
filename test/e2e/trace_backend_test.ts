import { expect, test } from "vitest";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import { type Service, startService } from "../harness/service.ts";
import { listedTraces, listQuestions } from "../traces/listed_traces.ts";
import { traceBatches } from "../traces/trace_batches.ts";
import { traceDifferences } from "../traces/trace_differences.ts";
import { TRACE_FORMS } from "../traces/trace_forms.ts";
import { wholeTraces } from "../traces/whole_traces.ts";
import { postBatches } from "../truth/post_batches.ts";

const SEED = 11;
const TRACES = 60;

/** A service that stands in for Tempo, and one that keeps nothing itself. */
async function startBoth(): Promise<readonly [Service, Service]> {
  const tempo = await startService();
  try {
    const front = await startService({
      env: {
        TEMPO_URL: tempo.url,
        TEMPO_QUERY_URL: `${tempo.url}/tempo`,
        TRACES: "off",
      },
    });
    return [tempo, front];
  } catch (error) {
    await tempo.stop();
    throw error;
  }
}

test("the service answers what Tempo keeps as if it were kept here, and says 502 while Tempo is away", async () => {
  const nowMs = Date.now();
  const traces = wholeTraces(TRACES, { seed: SEED, nowMs });
  const [tempo, front] = await startBoth();
  try {
    const batches = traceBatches(traces, new SeededRandom(SEED));
    expect((await postBatches(front.url, batches)).failures).toEqual([]);
    await expect.poll(async () => {
      const asked = { url: tempo.url, traces };
      return (await Promise.all(
        TRACE_FORMS.map((form) => traceDifferences(asked, form)),
      )).flat();
    }, { timeout: 20_000 }).toEqual([]);
    for (const form of TRACE_FORMS) {
      expect(await traceDifferences({ url: front.url, traces }, form))
        .toEqual([]);
    }
    let found = 0;
    for (const question of listQuestions(traces, nowMs)) {
      const expected = await listedTraces(tempo.url, question);
      expect(await listedTraces(front.url, question)).toEqual(expected);
      found += expected.length;
    }
    expect(found).toBeGreaterThan(TRACES);
    await tempo.kill();
    const id = traces[0]?.[0]?.traceId ?? "";
    for (const path of ["/api/v1/traces", `/api/v1/traces/${id}`]) {
      const response = await fetch(front.url + path);
      expect(response.status).toBe(502);
      expect(await response.json()).toMatchObject({
        status: 502,
        error: expect.stringContaining("Cannot get traces from Tempo: "),
      });
    }
  } finally {
    await Promise.all([front.stop(), tempo.stop()]);
  }
});
