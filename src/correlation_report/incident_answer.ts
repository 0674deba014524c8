import { correlateIncident } from "../correlation/incident_report.ts";
import type { IncidentFinding } from "../correlation/incident_finding.ts";
import type { Bindings } from "../bindings.ts";
import { driftAnswer } from "../drift/drift_answer.ts";
import { HttpProblem } from "../http/http_problem.ts";
import { nodeId, nodeOfId } from "../map/node_identity.ts";
import { timeText } from "../query/figures.ts";
import type { IncidentReport } from "./incident_schema.ts";
import {
  type CorrelationAsked,
  loadCorrelation,
  type LoadedCorrelation,
} from "./load_correlation.ts";

const MS_PER_MINUTE = 60_000;
const MS_PER_S = 1000;
/** How long before an incident changes are looked for, ms. */
export const CANDIDATE_MS = 6 * 3_600_000;

/** The service, or the node that services call, that something is wrong with. */
export interface AskedNode {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly environment?: string | undefined;
}

/**
 * The changes that may have made a service slow or failing, ranked.
 *
 * @throws {HttpProblem} 404 where nothing has that name.
 * @throws {UnansweredError} Where an object does not answer.
 * @throws What D1 threw.
 */
export async function makeIncidentReport(
  bindings: Bindings,
  node: AskedNode,
  asked: CorrelationAsked,
): Promise<IncidentReport> {
  const { finding, ...found } = await findIncident(bindings, node, asked);
  return incidentReport(finding, { asked, ...found });
}

/** What made a service slow or failing, and what that is told from. */
export interface FoundIncident {
  readonly finding: IncidentFinding;
  /** `nodeId`. */
  readonly service: string;
  readonly loaded: LoadedCorrelation;
}

/**
 * What may have made a service slow or failing.
 *
 * @throws {HttpProblem} 404 where nothing has that name.
 * @throws {UnansweredError} Where an object does not answer.
 * @throws What D1 threw.
 */
export async function findIncident(
  bindings: Bindings,
  node: AskedNode,
  asked: CorrelationAsked,
): Promise<FoundIncident> {
  const loaded = await loadCorrelation(bindings, asked, CANDIDATE_MS);
  const service = idOf(node, loaded);
  const { startMs, endMs } = asked;
  const finding = correlateIncident(loaded.input, { service, startMs, endMs });
  return { finding, service, loaded };
}

function idOf(
  { name, namespace, environment }: AskedNode,
  { known, input }: LoadedCorrelation,
): string {
  const found = [
    ...known,
    ...input.series.edges.map(({ to }) => nodeOfId(to)),
  ].find((one) =>
    one.name === name &&
    (namespace === undefined || one.namespace === namespace) &&
    (environment === undefined || one.environment === environment)
  );
  if (found !== undefined) return nodeId(found);
  throw new HttpProblem(
    404,
    `Cannot find a service "${name}" of that time: see GET /api/v1/services`,
  );
}

function incidentReport(
  { symptom, roots, rootService, candidates }: IncidentFinding,
  { service, asked, loaded }: {
    readonly service: string;
    readonly asked: CorrelationAsked;
    readonly loaded: LoadedCorrelation;
  },
): IncidentReport {
  const { startS } = loaded.input.series;
  const moment = (minute: number): string =>
    timeText(startS * MS_PER_S + minute * MS_PER_MINUTE);
  return {
    symptom: symptom === null ? null : {
      service_name: nodeOfId(service).name,
      service_id: service,
      metric: symptom.mode === "time" ? "latency" : "error_rate",
      before: Math.max(0, symptom.before || 0),
      after: Math.max(0, symptom.after),
      onset: moment(symptom.onset.minute),
      p: symptom.excess.p,
    },
    root_service: rootService,
    roots: roots.map(({ part, explained, onset }) => ({
      node: part.node,
      kind: part.kind,
      from: part.from,
      explained: Math.max(0, explained),
      onset: moment(onset.minute),
    })),
    candidates: candidates.flatMap((candidate) => {
      const drift = loaded.drifts.get(candidate.changeId);
      if (drift === undefined) return [];
      const { score, rank, linked, touch, lag, reasons } = candidate;
      return [{
        drift_event: driftAnswer(drift),
        score,
        rank,
        linked,
        path: touch === null ? [] : [...touch.path, touch.node],
        lag: lag.least * MS_PER_MINUTE * 1e6,
        reasons: [...reasons],
      }];
    }),
    start: timeText(asked.startMs),
    end: timeText(asked.endMs),
    generated_at: timeText(asked.nowMs),
  };
}
