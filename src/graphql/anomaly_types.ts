import { GraphQLID, GraphQLNonNull, GraphQLString } from "graphql";
import {
  type AnomalyAnswer,
  anomalyAnswer,
} from "../anomaly/anomaly_answer.ts";
import type { StoredAnomaly } from "../anomaly/anomaly_store.ts";
import type { IncidentReport } from "../correlation_report/incident_schema.ts";
import { loadAnomalyIncident } from "../correlation_report/load_reports.ts";
import { encodeDriftCursor } from "../drift/drift_cursor.ts";
import type { Arguments } from "./arguments.ts";
import { DRIFT_WEIGHT, driftOfId } from "./drift_types.ts";
import { costing } from "./field_cost.ts";
import type { GraphqlContext } from "./graphql_context.ts";
import type { TypeAddition } from "./output_types.ts";
import { serviceOfId } from "./service_source.ts";

const INCIDENT_WEIGHT = 80;

/** Anomalies that were asked for by their id. */
const asked = new WeakMap<AnomalyAnswer, StoredAnomaly>();

/** An anomaly that was asked for by its id: its report may be made. */
export function askedAnomaly(stored: StoredAnomaly): AnomalyAnswer {
  const answer = anomalyAnswer(stored);
  asked.set(answer, stored);
  return answer;
}

/** What anomalies have beyond the HTTP API's answers. */
export const anomalyTypes: Readonly<Record<string, TypeAddition>> = {
  Anomaly: {
    fields: (types) => ({
      cursor: {
        type: new GraphQLNonNull(GraphQLString),
        description: "`cursor` of the page that begins after this one.",
        resolve: ({ id, started_at: started }: AnomalyAnswer) =>
          encodeDriftCursor({ timeMs: Date.parse(started), id }),
      },
      serviceId: {
        type: new GraphQLNonNull(GraphQLID),
        description: "`id` of the service that it is in; of an edge, the " +
          "caller. `service` of the HTTP API.",
        resolve: ({ service }: AnomalyAnswer) => service,
      },
      service: {
        type: new GraphQLNonNull(types.named("Service")),
        description: "The service that `serviceId` names, as it is now.",
        resolve: async (
          { service }: AnomalyAnswer,
          _args: Arguments,
          { views }: GraphqlContext,
        ) => serviceOfId(await views.view(), service),
      },
      report: {
        ...costing({ weight: INCIDENT_WEIGHT }),
        type: types.named("IncidentReport"),
        description: "Which changes may be behind it, made now; null in a " +
          "list, whose anomalies have `candidates`.",
        resolve: reportOf,
      },
    }),
  },
  AnomalyCandidate: {
    without: ["drift_event"],
    fields: (types) => ({
      driftEventId: {
        type: new GraphQLNonNull(GraphQLID),
        description: "Its id. `drift_event` of the HTTP API.",
        resolve: ({ drift_event: id }: NamesDrift) => id,
      },
      driftEvent: {
        ...costing({ weight: DRIFT_WEIGHT }),
        type: types.named("DriftEvent"),
        description: "The event; null where it is not kept any more.",
        resolve: (
          { drift_event: id }: NamesDrift,
          _args: Arguments,
          context: GraphqlContext,
        ) => driftOfId(id, context),
      },
    }),
  },
};

interface NamesDrift {
  readonly drift_event: string;
}

function reportOf(
  source: AnomalyAnswer,
  _args: Arguments,
  { asking, budget }: GraphqlContext,
): Promise<IncidentReport> | null {
  const stored = asked.get(source);
  if (stored === undefined) return null;
  budget.take("reports");
  return loadAnomalyIncident(asking, stored.anomaly);
}
