import type { SpanFacts } from "../../src/trace/span_facts.ts";
import { smallId } from "./span_arbitrary.ts";

/**
 * A root span with nothing of interest to it.
 *
 * @param startMs When it starts, ms since the epoch.
 */
export function plainSpan(
  startMs: number,
  change: Partial<SpanFacts>,
): SpanFacts {
  const startNs = BigInt(startMs) * 1_000_000n;
  return {
    traceId: smallId(16, 1),
    spanId: smallId(8, 1),
    parentId: "",
    kind: 1,
    status: 0,
    startHigh: Number(startNs >> 32n),
    startLow: Number(startNs & 0xffffffffn),
    durationNs: 0,
    service: { namespace: "", name: "web", environment: "" },
    traits: 0,
    operation: "work",
    weight: 1,
    peer: "",
    database: false,
    system: "",
    destination: "",
    endpoint: "",
    linked: false,
    ...change,
  };
}
