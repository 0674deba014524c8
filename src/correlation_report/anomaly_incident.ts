import type { Anomaly, Candidate } from "../anomaly/anomaly.ts";
import type { Bindings } from "../bindings.ts";
import { nodeOfId } from "../map/node_identity.ts";
import type { GraphAsked } from "../resources/load_resource_graph.ts";
import { anomalyCandidates } from "./anomaly_candidates.ts";
import { MAX_INCIDENT_MS } from "./correlation_parameters.ts";
import { findIncident } from "./incident_answer.ts";
import type { CorrelationAsked } from "./load_correlation.ts";

/** The time of an anomaly, asked about as an incident. */
export function anomalyAsked(
  { startedMs, endedMs }: Anomaly,
  asked: GraphAsked,
): CorrelationAsked {
  return {
    ...asked,
    startMs: startedMs,
    endMs: Math.min(endedMs ?? asked.nowMs, startedMs + MAX_INCIDENT_MS),
  };
}

/**
 * The changes that may be behind an anomaly, the best first.
 *
 * @throws {HttpProblem} 404 where the service is not known any more.
 * @throws {UnansweredError} Where an object does not answer.
 * @throws What D1 threw.
 */
export async function findCandidates(
  bindings: Bindings,
  anomaly: Anomaly,
  asked: GraphAsked,
): Promise<readonly Candidate[]> {
  const { finding } = await findIncident(
    bindings,
    nodeOfId(anomaly.service),
    anomalyAsked(anomaly, asked),
  );
  return anomalyCandidates(finding);
}
