import { GraphQLFloat, GraphQLNonNull } from "graphql";
import { type DriftAnswer, driftAnswer } from "../drift/drift_answer.ts";
import type { MappingAnswer } from "../resources/mapping_answer.ts";
import {
  MAX_NEIGHBOURS,
  type Neighbour,
} from "../resources/resource_answer.ts";
import {
  RESOURCE_HEALTHS,
  resourceHealth,
} from "../resources/resource_health.ts";
import type { ResourceLink } from "../trace_view/trace_span.ts";
import type { Arguments } from "./arguments.ts";
import type { GraphqlContext } from "./graphql_context.ts";
import { DEFAULT_DEPENDENCY_LIMIT } from "./graphql_parameters.ts";
import { enumOf } from "./enum_types.ts";
import { type InView, inView } from "./in_view.ts";
import { limitedList } from "./limit_argument.ts";
import { listOf } from "./list_of.ts";
import type { TypeAddition } from "./output_types.ts";
import { knownResource, type ResourceSource } from "./resource_source.ts";
import { serviceOfId } from "./service_source.ts";
import { related } from "./service_types.ts";

const dependencies = limitedList({
  usual: DEFAULT_DEPENDENCY_LIMIT,
  most: MAX_NEIGHBOURS,
});

/** What resources have beyond the HTTP API's answers. */
export const resourceTypes: Readonly<Record<string, TypeAddition>> = {
  Resource: {
    without: ["neighbours", "neighbour_count"],
    fields: (types) => ({
      health: {
        type: new GraphQLNonNull(healthType()),
        description: "By the open anomalies of the services that run on it.",
        resolve: async (
          { mappings }: ResourceSource,
          _args: Arguments,
          { loaders }: GraphqlContext,
        ) =>
          resourceHealth(
            mappings.map(({ service }) => service),
            await loaders.openAnomalies(),
          ),
      },
      drift: {
        ...related.config,
        type: listOf(types.named("DriftEvent")),
        description: "What was changed on it, the newest first.",
        resolve: driftOf,
      },
      dependencies: {
        ...dependencies.config,
        type: listOf(types.named("Neighbour")),
        description: "What hangs together with it, by edges and by metadata.",
        resolve: ({ view, around }: ResourceSource, args: Arguments) =>
          inView(view, around().slice(0, dependencies.read(args))),
      },
      dependencyCount: {
        type: new GraphQLNonNull(GraphQLFloat),
        description: "How many `dependencies` there are in all.",
        resolve: ({ around }: ResourceSource) => around().length,
      },
    }),
  },
  ResourceServiceMapping: {
    fields: (types) => ({
      resource: {
        type: types.named("Resource"),
        description: "The resource that `resourceId` names.",
        resolve: ({ view, resource_id: id }: InView<MappingAnswer>) =>
          knownResource(view, id),
      },
      service: {
        type: new GraphQLNonNull(types.named("Service")),
        description: "The service that `serviceId` names.",
        resolve: ({ view, service_id: id }: InView<MappingAnswer>) =>
          serviceOfId(view, id),
      },
    }),
  },
  Neighbour: {
    fields: (types) => ({
      resource: {
        type: types.named("Resource"),
        description: "All about it.",
        resolve: ({ view, id }: InView<Neighbour>) => knownResource(view, id),
      },
    }),
  },
  ResourceLink: {
    fields: (types) => ({
      resource: {
        type: types.named("Resource"),
        description: "As it is now; null where it is not known any more.",
        resolve: async (
          { resource_id: id }: ResourceLink,
          _args: Arguments,
          { views }: GraphqlContext,
        ) => knownResource(await views.view(), id),
      },
    }),
  },
};

function healthType() {
  const type = enumOf(RESOURCE_HEALTHS);
  if (type === null) throw new TypeError("The healths of a resource are names");
  return type;
}

async function driftOf(
  { id }: ResourceSource,
  args: Arguments,
  { loaders }: GraphqlContext,
): Promise<readonly DriftAnswer[]> {
  const asked = { of: String(id), limit: related.read(args) };
  return (await loaders.driftsOfResource.load(asked)).map(driftAnswer);
}
