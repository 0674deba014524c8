import { GraphQLObjectType, GraphQLSchema } from "graphql";
import { anomalyAnswerSchema } from "../anomaly/anomaly_answer.ts";
import { driftReportSchema } from "../correlation_report/drift_report_schema.ts";
import { incidentReportSchema } from "../correlation_report/incident_schema.ts";
import { driftAnswerSchema } from "../drift/drift_answer.ts";
import { answeredTraceSchema } from "../query/answered_trace.ts";
import { mapChangesSchema } from "../live/live_event.ts";
import { serviceOperationSchema } from "../query/service_operations.ts";
import { serviceMapSchema } from "../query/service_map.ts";
import { traceListSchema } from "../query/trace_list.ts";
import { mappingAnswerSchema } from "../resources/mapping_answer.ts";
import {
  neighbourSchema,
  resourceDetailSchema,
} from "../resources/resource_answer.ts";
import { anomalyQueries } from "./anomaly_queries.ts";
import { anomalyTypes } from "./anomaly_types.ts";
import { driftQueries } from "./drift_queries.ts";
import { driftTypes } from "./drift_types.ts";
import { mapQueries } from "./map_queries.ts";
import { OutputTypes } from "./output_types.ts";
import { resourceQueries } from "./resource_queries.ts";
import { resourceTypes } from "./resource_types.ts";
import { searchQueries } from "./search_queries.ts";
import { serviceSchema } from "./service_source.ts";
import { serviceTypes } from "./service_types.ts";
import { mapChangesWhole, subscriptions } from "./subscriptions.ts";
import { traceQueries } from "./trace_queries.ts";
import { traceTypes } from "./trace_types.ts";

/** The answers that others lead to, by the names of their types. */
const ANSWERS = {
  ServiceMap: serviceMapSchema,
  MapChanges: mapChangesSchema,
  Service: serviceSchema,
  ServiceOperation: serviceOperationSchema,
  ResourceServiceMapping: mappingAnswerSchema,
  Resource: resourceDetailSchema,
  Neighbour: neighbourSchema,
  DriftEvent: driftAnswerSchema,
  CorrelationReport: driftReportSchema,
  IncidentReport: incidentReportSchema,
  Anomaly: anomalyAnswerSchema,
  Trace: answeredTraceSchema,
  TraceList: traceListSchema,
};

let made: GraphQLSchema | undefined;

/** What GraphQL can be asked: made when it is first asked for. */
export function graphqlSchema(): GraphQLSchema {
  made ??= makeSchema();
  return made;
}

function makeSchema(): GraphQLSchema {
  const types = new OutputTypes({
    ...serviceTypes,
    ...resourceTypes,
    ...driftTypes,
    ...anomalyTypes,
    ...traceTypes,
    MapChanges: { fields: () => ({ whole: mapChangesWhole }) },
  });
  for (const [name, schema] of Object.entries(ANSWERS)) {
    types.object(schema, name);
  }
  return new GraphQLSchema({
    description: "TraceCore: the service map, traces, changes of the " +
      "infrastructure and what they did, anomalies, cloud resources. Times " +
      "are RFC 3339, or so long ago (15m); durations are nanoseconds, rates " +
      "are per second, ratios from 0 to 1.",
    query: new GraphQLObjectType({
      name: "Query",
      description: "What can be asked.",
      fields: {
        ...mapQueries(types),
        ...traceQueries(types),
        ...driftQueries(types),
        ...anomalyQueries(types),
        ...resourceQueries(types),
        ...searchQueries(types),
      },
    }),
    subscription: new GraphQLObjectType({
      name: "Subscription",
      description: "What is told as it happens, over server-sent events.",
      fields: subscriptions(types),
    }),
  });
}
