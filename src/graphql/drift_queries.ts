import { GraphQLList, GraphQLNonNull } from "graphql";
import {
  DEFAULT_REPORT_LIMIT,
  incidentParameters,
  reportListParameters,
} from "../correlation_report/correlation_parameters.ts";
import type { DriftReport } from "../correlation_report/drift_report_schema.ts";
import type { IncidentReport } from "../correlation_report/incident_schema.ts";
import {
  loadDriftReport,
  loadIncident,
  loadReportPage,
} from "../correlation_report/load_reports.ts";
import { type DriftAnswer, driftAnswer } from "../drift/drift_answer.ts";
import { DEFAULT_DRIFT_LIMIT } from "../drift/drift_limits.ts";
import { driftListParameters } from "../drift/drift_parameters.ts";
import { findDrift } from "../drift/find_drift.ts";
import { loadDriftPage } from "../drift/load_drift_page.ts";
import { type Arguments, argumentsOf, readArguments } from "./arguments.ts";
import { askedDrift, DRIFT_WEIGHT } from "./drift_types.ts";
import { costing } from "./field_cost.ts";
import type { GraphqlContext } from "./graphql_context.ts";
import { correlationArguments, idArguments } from "./graphql_parameters.ts";
import type { Fields, OutputTypes } from "./output_types.ts";

/** A report that is made reads a day of the map. */
const MADE_WEIGHT = 500;
/** A stored one may have 512 KiB. */
const STORED_WEIGHT = 40;

/** What is asked of changes, and of what they did. */
export function driftQueries(types: OutputTypes): Fields<unknown> {
  return {
    driftEvents: {
      ...costing({ size: DEFAULT_DRIFT_LIMIT, weight: DRIFT_WEIGHT }),
      type: new GraphQLList(new GraphQLNonNull(types.named("DriftEvent"))),
      description:
        "Changes of the infrastructure, the newest first; `cursor` " +
        "is that of the last one of the page before.",
      args: argumentsOf(driftListParameters),
      resolve: driftsOf,
    },
    driftEvent: {
      ...costing({ weight: DRIFT_WEIGHT }),
      type: types.named("DriftEvent"),
      description: "One change by its id, or the newest of a resource; " +
        "DeepDrift is asked where it is not known here.",
      args: argumentsOf(idArguments),
      resolve: driftOf,
    },
    correlation: {
      ...costing({ weight: MADE_WEIGHT }),
      type: types.named("CorrelationReport"),
      description: "What a change did: which services, how much, how surely. " +
        "It is made now, and stored.",
      args: argumentsOf(correlationArguments),
      resolve: correlationOf,
    },
    correlations: {
      ...costing({ size: DEFAULT_REPORT_LIMIT, weight: STORED_WEIGHT }),
      type: new GraphQLList(
        new GraphQLNonNull(types.named("CorrelationReport")),
      ),
      description:
        "The newest stored report of each change, the newest change " +
        "first; `cursor` is that of the last one of the page before.",
      args: argumentsOf(reportListParameters),
      resolve: correlationsOf,
    },
    incident: {
      ...costing({ weight: MADE_WEIGHT }),
      type: types.named("IncidentReport"),
      description: "Which change may have made a service slow or failing; of " +
        "the last half hour where no time is asked for.",
      args: argumentsOf(incidentParameters),
      resolve: incidentOf,
    },
  };
}

async function driftsOf(
  _source: unknown,
  args: Arguments,
  { asking }: GraphqlContext,
): Promise<readonly DriftAnswer[]> {
  const asked = readArguments(driftListParameters, args);
  const { drifts } = await loadDriftPage(asking, asked);
  return drifts.map(driftAnswer);
}

async function driftOf(
  _source: unknown,
  args: Arguments,
  { asking }: GraphqlContext,
): Promise<DriftAnswer> {
  const { id } = readArguments(idArguments, args);
  const drift = await findDrift(asking.bindings, id, asking);
  return askedDrift(driftAnswer(drift));
}

async function correlationOf(
  _source: unknown,
  args: Arguments,
  { asking, budget }: GraphqlContext,
): Promise<DriftReport> {
  const { drift_event_id: id, window } = readArguments(
    correlationArguments,
    args,
  );
  budget.take("reports");
  const drift = await findDrift(asking.bindings, id, asking);
  return loadDriftReport(asking, drift, { windowMinutes: window });
}

async function correlationsOf(
  _source: unknown,
  args: Arguments,
  { asking }: GraphqlContext,
): Promise<readonly DriftReport[]> {
  const asked = readArguments(reportListParameters, args);
  return (await loadReportPage(asking, asked)).reports;
}

function incidentOf(
  _source: unknown,
  args: Arguments,
  { asking, budget }: GraphqlContext,
): Promise<IncidentReport> {
  const asked = readArguments(incidentParameters, args);
  budget.take("reports");
  return loadIncident(asking, asked);
}
