import { expect, test } from "vitest";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import type { Span } from "../../src/spans/span.ts";
import { serviceName } from "../../src/trace_view/service_name.ts";
import { type Service, startService } from "../harness/service.ts";
import { traceBatches } from "../traces/trace_batches.ts";
import { traceDifferences } from "../traces/trace_differences.ts";
import { TRACE_FORMS } from "../traces/trace_forms.ts";
import { wholeTraces } from "../traces/whole_traces.ts";
import { postBatches } from "../truth/post_batches.ts";

const SEED = 11;
const TRACES = 60;
const PAGE = 7;
const HOUR_MS = 3_600_000;

interface Listed {
  readonly traces: readonly { readonly trace_id: string }[];
  readonly next_cursor: string | null;
  readonly warnings: readonly string[];
}

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

async function listed(url: string, query: string): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  let cursor = "";
  for (;;) {
    const path = `/api/v1/traces?limit=${PAGE}&${query}${cursor}`;
    const response = await fetch(url + path);
    expect(response.status).toBe(200);
    const page = await response.json<Listed>();
    expect(page.warnings).toEqual([]);
    found.push(...page.traces);
    if (page.next_cursor === null) return found;
    cursor = `&cursor=${page.next_cursor}`;
  }
}

/** Questions that find some of the traces. */
function questions(traces: readonly (readonly Span[])[], nowMs: number) {
  const window = `start=${nowMs - 20 * HOUR_MS}&end=${nowMs + HOUR_MS}`;
  const names = traces.slice(0, 3).map((spans) => {
    const name = spans[0] === undefined ? "" : serviceName(spans[0].resource);
    return `service=${encodeURIComponent(name)}`;
  });
  return ["", "error=true", "error=false", "min_duration=5ms", ...names]
    .map((one) => `${window}&${one}`);
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
    for (const question of questions(traces, nowMs)) {
      const expected = await listed(tempo.url, question);
      expect(await listed(front.url, question)).toEqual(expected);
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
