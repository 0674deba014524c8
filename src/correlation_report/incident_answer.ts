import * as z from "zod/mini";
import { correlateIncident } from "../correlation/incident_report.ts";
import type { IncidentFinding } from "../correlation/incident_finding.ts";
import type { Bindings } from "../bindings.ts";
import { driftAnswer, driftAnswerSchema } from "../drift/drift_answer.ts";
import { HttpProblem } from "../http/http_problem.ts";
import { nodeId, nodeOfId } from "../map/node_identity.ts";
import { countField, ratioField, timeField } from "../query/answer_fields.ts";
import { timeText } from "../query/figures.ts";
import {
  type CorrelationAsked,
  loadCorrelation,
  type LoadedCorrelation,
} from "./load_correlation.ts";

const MS_PER_MINUTE = 60_000;
const MS_PER_S = 1000;
/** How long before an incident changes are looked for, ms. */
export const CANDIDATE_MS = 6 * 3_600_000;

/** A change that may have caused an incident. */
export const candidateSchema = z.strictObject({
  drift_event: driftAnswerSchema,
  /** Its share of all that may have done it, 0 to 1. */
  score: ratioField,
  /** From 1. */
  rank: countField,
  /** Whether it reaches anything that the service waits for. */
  linked: z.boolean(),
  /** Resources and a node, from the change to what it reaches. */
  path: z.array(z.string()),
  /** From the change to the onset, ns; below 0 where it showed before. */
  lag: z.number(),
  reasons: z.array(z.string()),
});

/** Answer to `GET /api/v1/correlation/incident`. */
export const incidentReportSchema = z.strictObject({
  /** null: nothing rose more than chance allows. */
  symptom: z.nullable(z.strictObject({
    service_name: z.string(),
    service_id: z.string(),
    /** `latency` is the mean, ns; `error_rate` a ratio. */
    metric: z.literal(["latency", "error_rate"]),
    before: z.number(),
    after: z.number(),
    onset: timeField,
    /** How often chance alone does as much. */
    p: ratioField,
  })),
  /** Where the excess sits; null: nowhere in particular. */
  root_service: z.nullable(z.string()),
  roots: z.array(z.strictObject({
    node: z.string(),
    kind: z.literal(["self", "callee", "network"]),
    /** The way's beginning; "" of the others. */
    from: z.string(),
    /** Share of the symptom's excess. */
    explained: ratioField,
    onset: timeField,
  })),
  /** The likeliest first. */
  candidates: z.array(candidateSchema),
  start: timeField,
  end: timeField,
  generated_at: timeField,
});

/** Answer to `GET /api/v1/correlation/incident`. */
export type IncidentReport = z.infer<typeof incidentReportSchema>;

/** A change that may have caused an incident. */
export type IncidentCandidate = z.infer<typeof candidateSchema>;

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
  const loaded = await loadCorrelation(bindings, asked, CANDIDATE_MS);
  const service = idOf(node, loaded);
  const { startMs, endMs } = asked;
  const finding = correlateIncident(loaded.input, { service, startMs, endMs });
  return incidentReport(finding, { service, asked, loaded });
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
