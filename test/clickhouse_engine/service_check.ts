import { deepStrictEqual, ok } from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { ClickHouseTarget } from "../../src/clickhouse/clickhouse_target.ts";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import type { Span } from "../../src/spans/span.ts";
import { type Service, startService } from "../harness/service.ts";
import { listedTraces, listQuestions } from "../traces/listed_traces.ts";
import { traceBatches } from "../traces/trace_batches.ts";
import { wholeTraces } from "../traces/whole_traces.ts";
import { postBatches } from "../truth/post_batches.ts";

const SEED = 3;
const TRACES = 60;
const ARRIVAL_LIMIT_MS = 60_000;
const RETRY_MS = 500;

/**
 * A service that keeps nothing itself answers from ClickHouse what one that
 * keeps everything does.
 *
 * @throws {AssertionError} Where anything differs.
 */
export async function answersWhatIsKept(
  target: ClickHouseTarget,
): Promise<void> {
  const nowMs = Date.now();
  const traces = wholeTraces(TRACES, { seed: SEED, nowMs });
  const keeping = await startService();
  const asking = await startService({
    env: {
      TRACES: "off",
      CLICKHOUSE_URL: target.url,
      CLICKHOUSE_USER: target.user,
      CLICKHOUSE_PASSWORD: target.password,
      CLICKHOUSE_DATABASE: target.database,
      CLICKHOUSE_TABLE: target.table,
    },
  });
  try {
    for (const { url } of [keeping, asking]) {
      const batches = traceBatches(traces, new SeededRandom(SEED));
      deepStrictEqual((await postBatches(url, batches)).failures, []);
    }
    await allHaveArrived(asking, traces);
    let found = 0;
    for (const question of listQuestions(traces, nowMs)) {
      const expected = await listedTraces(keeping.url, question);
      deepStrictEqual(
        await listedTraces(asking.url, question),
        expected,
        question,
      );
      found += expected.length;
    }
    ok(found > TRACES);
  } finally {
    await Promise.all([keeping.stop(), asking.stop()]);
  }
}

async function allHaveArrived(
  { url }: Service,
  traces: readonly (readonly Span[])[],
): Promise<void> {
  const giveUpMs = Date.now() + ARRIVAL_LIMIT_MS;
  const missing = [...traces];
  while (missing.length > 0) {
    const id = missing[0]?.[0]?.traceId ?? "";
    const response = await fetch(`${url}/api/v1/traces/${id}`);
    const answer = await response.json<{ readonly span_count?: number }>();
    if (answer.span_count === missing[0]?.length) missing.shift();
    else if (Date.now() > giveUpMs) throw new Error(JSON.stringify(answer));
    else await delay(RETRY_MS);
  }
}
