import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Drift } from "../../../src/drift/drift.ts";
import { writeDrifts } from "../../../src/drift/drift_store.ts";
import {
  MAX_TRACE_DRIFTS,
  traceDrifts,
} from "../../../src/query/trace_drift.ts";
import { GraphIndex } from "../../../src/resources/graph_index.ts";

const END_MS = Date.parse("2026-01-01T12:00:00Z");

function drift(id: string, resourceId: string, agoMs: number): Drift {
  return {
    id,
    resourceId,
    resourceType: "security_group",
    type: "modified",
    severity: "medium",
    timeMs: END_MS - agoMs,
    source: "test",
    rootCause: null,
    impactedResources: [],
    before: null,
    after: null,
    diff: null,
    metadata: {},
    truncated: [],
  };
}

test("traceDrifts() looks at the newest MAX_TRACE_DRIFTS changes, and not at one more", async () => {
  const trace = {
    spans: [{ resources: [{ resource_id: "i-1" }] }],
    start_time: "2026-01-01T11:59:59Z",
    end_time: "2026-01-01T12:00:00Z",
  };
  const options = {
    tenant: "busy",
    index: new GraphIndex({ nodes: [], edges: [] }),
  };
  async function found(): Promise<string[]> {
    const [drifts = []] = await traceDrifts(env, [trace], options);
    return drifts.map(({ id }) => id);
  }
  const others = Array.from(
    { length: MAX_TRACE_DRIFTS - 1 },
    (_, at) => drift(`other ${at}`, `i-other-${at}`, at + 1),
  );
  await writeDrifts(env.DB, "busy", [drift("own", "i-1", 60_000), ...others]);
  expect(await found()).toEqual(["own"]);
  await writeDrifts(env.DB, "busy", [drift("one more", "i-other", 1000)]);
  expect(await found()).toEqual([]);
});
