import type {
  JudgedEffect,
  ServiceFinding,
} from "../correlation/drift_finding.ts";
import { blameShare } from "../correlation/drift_verdict.ts";
import { nodeOfId } from "../map/node_identity.ts";
import { type EdgeStats, emptyEdge } from "../map/service_window.ts";
import { settledCount, timeText } from "../query/figures.ts";
import { nodeRequests, noRequests } from "../query/node_requests.ts";
import { sampleTraces } from "../query/service_edge.ts";
import { impactTraces } from "./impact_traces.ts";
import { comparedRequests } from "./compared_requests.ts";
import type { ComparedGraphs } from "./compared_graphs.ts";
import {
  type AnsweredEffect,
  msOf,
  type ReportParts,
  type ServiceImpact,
} from "./drift_report_schema.ts";

/** The services of a finding as they are answered. */
export function affectedServices(parts: ReportParts): ServiceImpact[] {
  const served = {
    before: nodeRequests(parts.graphs.before),
    after: nodeRequests(parts.graphs.after),
  };
  return parts.finding.services.map((found) => {
    const { service, effects } = found;
    const [strongest] = effects;
    if (strongest === undefined) throw new TypeError("A finding has effects");
    const { beforeMs, afterMs } = parts.graphs;
    const lag = strongest.lag;
    const ids = impactTraces(found, parts.graphs.after);
    return {
      service_name: nodeOfId(service).name,
      service_id: service,
      resource_id: resourceOf(found, parts),
      role: found.role,
      ...comparedRequests(
        { ...served.before.get(service) ?? noRequests(), lengthMs: beforeMs },
        { ...served.after.get(service) ?? noRequests(), lengthMs: afterMs },
      ),
      confidence: found.confidence,
      effect: answeredEffect(strongest, parts),
      effects: effects.map((effect) => answeredEffect(effect, parts)),
      samples: {
        before: settledCount(strongest.samples.before),
        after: settledCount(strongest.samples.after),
      },
      controls: parts.finding.controls,
      onset: lag === null
        ? null
        : timeText(msOf(parts, parts.finding.window.at + lag.least)),
      distance: found.distance,
      path: [...found.path],
      edges: comparedEdges(found, parts.graphs),
      sample_traces: ids,
      sample_traces_before: impactTraces(found, parts.graphs.before),
      sample_trace_details: ids.flatMap((id) => parts.traces.get(id) ?? []),
      metadata: {},
    };
  });
}

function resourceOf(
  { service, effects }: ServiceFinding,
  { finding }: ReportParts,
): string {
  const touch = finding.touched.get(service) ??
    effects.flatMap(({ callee }) => finding.touched.get(callee ?? "") ?? [])[0];
  return touch?.path.at(-1) ?? "";
}

function answeredEffect(
  effect: JudgedEffect,
  parts: ReportParts,
): AnsweredEffect {
  const { metric, service, edge, callee, rise, p, q, start, length } = effect;
  return {
    metric,
    from: edge === null ? null : service,
    to: callee,
    rise: metric.startsWith("latency") ? 2 ** rise : rise,
    p,
    q,
    start: timeText(msOf(parts, start)),
    end: timeText(msOf(parts, start + length)),
    blame: blameShare(effect),
  };
}

function comparedEdges(
  { effects }: ServiceFinding,
  graphs: ComparedGraphs,
): ServiceImpact["edges"] {
  const ids = new Set(effects.flatMap(({ edge }) => edge ?? []));
  return [...ids].flatMap((id) => {
    const after = graphs.after.edges.get(id);
    const before = graphs.before.edges.get(id);
    const key = (after ?? before)?.key;
    if (key === undefined) return [];
    const [was, is] = [before, after].map((edge) => edge ?? emptyEdge(key));
    if (was === undefined || is === undefined) return [];
    return [{
      from: key.from.name,
      to: key.to.name,
      ...comparedRequests(
        { ...requestsOf(was), lengthMs: graphs.beforeMs },
        { ...requestsOf(is), lengthMs: graphs.afterMs },
      ),
      sample_traces: sampleTraces(is.samples),
    }];
  });
}

/** As the caller saw them, where it told. */
function requestsOf({ client, latency, failed }: EdgeStats) {
  return { failed, duration: client.count > 0 ? client : latency };
}
