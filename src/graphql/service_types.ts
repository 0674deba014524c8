import { GraphQLNonNull, GraphQLString } from "graphql";
import type { AnomalyAnswer } from "../anomaly/anomaly_answer.ts";
import { anomalyAnswer } from "../anomaly/anomaly_answer.ts";
import { type DriftAnswer, driftAnswer } from "../drift/drift_answer.ts";
import { nodeId } from "../map/node_identity.ts";
import { mappingAnswer } from "../resources/mapping_answer.ts";
import type { ServiceEdge } from "../query/service_edge.ts";
import type { ServiceNode } from "../query/service_node.ts";
import {
  MAX_OPERATIONS_LISTED,
  mergeOperations,
  type ServiceOperation,
  serviceOperation,
} from "../query/service_operations.ts";
import type { Arguments } from "./arguments.ts";
import type { GraphqlContext } from "./graphql_context.ts";
import {
  DEFAULT_OPERATION_LIMIT,
  DEFAULT_RELATED_LIMIT,
  MAX_RELATED_LIMIT,
} from "./graphql_parameters.ts";
import { inView, type MaybeInView, viewOf } from "./in_view.ts";
import { limitedList } from "./limit_argument.ts";
import type { TypeAddition } from "./output_types.ts";
import { serviceOfId, type ServiceSource } from "./service_source.ts";
import { listOf } from "./list_of.ts";

const operations = limitedList({
  usual: DEFAULT_OPERATION_LIMIT,
  most: MAX_OPERATIONS_LISTED,
});
/** Events or anomalies of one thing. */
export const related = limitedList({
  usual: DEFAULT_RELATED_LIMIT,
  most: MAX_RELATED_LIMIT,
});

/** What services, nodes and edges have beyond the HTTP API's answers. */
export const serviceTypes: Readonly<Record<string, TypeAddition>> = {
  Service: {
    fields: (types) => ({
      name: {
        type: new GraphQLNonNull(GraphQLString),
        description: "The same as `serviceName`.",
        resolve: ({ service_name: name }: ServiceSource) => name,
      },
      operations: {
        ...operations.config,
        type: listOf(types.named("ServiceOperation")),
        description: "The spans of one name and kind; the most frequent first.",
        resolve: operationsOf,
      },
      anomalies: {
        ...related.config,
        type: listOf(types.named("Anomaly")),
        description: "Raised ones, whenever they were; the newest first.",
        resolve: anomaliesOf,
      },
      driftEvents: {
        ...related.config,
        type: listOf(types.named("DriftEvent")),
        description:
          "Changes to the resources that it runs on; the newest first.",
        resolve: driftsOf,
      },
    }),
  },
  ServiceNode: {
    fields: (types) => ({
      service: {
        type: types.named("Service"),
        description: "All about it; null where it sends no spans.",
        resolve: async (
          node: MaybeInView<ServiceNode>,
          _args: Arguments,
          context: GraphqlContext,
        ) =>
          node.metadata.reported
            ? serviceOfId(await viewOf(node, context), node.id)
            : null,
      },
      resources: {
        type: listOf(types.named("ResourceServiceMapping")),
        description: "Cloud resources that it runs on, the surest first.",
        resolve: async (
          node: MaybeInView<ServiceNode>,
          _args: Arguments,
          context: GraphqlContext,
        ) => {
          const view = await viewOf(node, context);
          const known = view.graph.nodes.get(node.id)?.resources ?? [];
          return inView(view, known.map(mappingAnswer));
        },
      },
    }),
  },
  ServiceEdge: {
    fields: (types) => ({
      caller: {
        type: new GraphQLNonNull(types.named("Service")),
        description: "The service that `fromId` names.",
        resolve: async (
          edge: MaybeInView<ServiceEdge>,
          _args: Arguments,
          context: GraphqlContext,
        ) => serviceOfId(await viewOf(edge, context), edge.from_id),
      },
      callee: {
        type: new GraphQLNonNull(types.named("Service")),
        description: "The service, or the node without spans, of `toId`.",
        resolve: async (
          edge: MaybeInView<ServiceEdge>,
          _args: Arguments,
          context: GraphqlContext,
        ) => serviceOfId(await viewOf(edge, context), edge.to_id),
      },
    }),
  },
};

async function operationsOf(
  { view, identities, service_name: name }: ServiceSource,
  args: Arguments,
  { loaders }: GraphqlContext,
): Promise<readonly ServiceOperation[]> {
  const limit = operations.read(args);
  // A database, or `user`, has none, and no object to be asked.
  const known = new Set(view.known.map(nodeId));
  const services = identities.filter((one) => known.has(nodeId(one)));
  if (services.length === 0) return [];
  const windows = await loaders.operations.load({ view, services });
  return mergeOperations(windows).slice(0, limit).map((operation) =>
    serviceOperation(String(name), operation, view.window)
  );
}

async function anomaliesOf(
  { identities }: ServiceSource,
  args: Arguments,
  { loaders }: GraphqlContext,
): Promise<readonly AnomalyAnswer[]> {
  const limit = related.read(args);
  const found = await Promise.all(
    identities.map((one) =>
      loaders.anomaliesOfService.load({ of: nodeId(one), limit })
    ),
  );
  return found.flat().toSorted((one, other) =>
    other.anomaly.startedMs - one.anomaly.startedMs
  ).slice(0, limit).map(anomalyAnswer);
}

async function driftsOf(
  { view, identities }: ServiceSource,
  args: Arguments,
  { loaders }: GraphqlContext,
): Promise<readonly DriftAnswer[]> {
  const limit = related.read(args);
  const resources = new Set(
    identities.flatMap((one) => view.graph.nodes.get(nodeId(one))?.resources)
      .map((mapping) => mapping?.resourceId ?? ""),
  );
  const found = await Promise.all(
    Array.from(
      resources,
      (of) => loaders.driftsOfResource.load({ of, limit }),
    ),
  );
  const distinct = new Map(found.flat().map((drift) => [drift.id, drift]));
  return [...distinct.values()]
    .toSorted((one, other) => other.timeMs - one.timeMs)
    .slice(0, limit).map(driftAnswer);
}
