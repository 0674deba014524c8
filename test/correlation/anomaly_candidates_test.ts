import { expect, test } from "vitest";
import type { Candidate } from "../../src/correlation/incident_finding.ts";
import {
  anomalyCandidates,
  MAX_ANOMALY_CANDIDATES,
} from "../../src/correlation_report/anomaly_candidates.ts";

function candidateOf(rank: number): Candidate {
  return {
    changeId: `drift-${rank}`,
    minute: 5,
    lag: { least: 2, most: 3 },
    linked: rank === 1,
    touch: rank === 1
      ? { node: "cart", path: ["aws:sg:sg-1"], weight: 1 } as never
      : null,
    atRoot: false,
    weight: 1,
    score: 1 / rank,
    rank,
    reasons: ["a reason"],
  };
}

test("anomalyCandidates() names the way to the service, and how long before it was", () => {
  const candidates = [candidateOf(1), candidateOf(2)];
  const common = { lagMs: 120_000, reasons: ["a reason"] };
  expect(anomalyCandidates({ candidates })).toEqual([
    {
      ...common,
      driftEvent: "drift-1",
      score: 1,
      rank: 1,
      path: ["aws:sg:sg-1", "cart"],
    },
    { ...common, driftEvent: "drift-2", score: 0.5, rank: 2, path: [] },
  ]);
});

test("anomalyCandidates() names MAX_ANOMALY_CANDIDATES, the best", () => {
  for (const more of [0, 1]) {
    const candidates = Array.from(
      { length: MAX_ANOMALY_CANDIDATES + more },
      (_, at) => candidateOf(at + 1),
    );
    expect(anomalyCandidates({ candidates }).map(({ rank }) => rank))
      .toEqual(
        Array.from({ length: MAX_ANOMALY_CANDIDATES }, (_, at) => at + 1),
      );
  }
});
