import { GraphQLList, GraphQLNonNull } from "graphql";
import { askedResource } from "../resources/asked_resource.ts";
import { listedResources } from "../resources/listed_resources.ts";
import {
  DEFAULT_RESOURCE_LIMIT,
  resourceListParameters,
} from "../resources/resource_parameters.ts";
import { type Arguments, argumentsOf, readArguments } from "./arguments.ts";
import { costing } from "./field_cost.ts";
import type { GraphqlContext } from "./graphql_context.ts";
import { resourceArguments } from "./graphql_parameters.ts";
import type { Fields, OutputTypes } from "./output_types.ts";
import { type ResourceSource, resourceSource } from "./resource_source.ts";

/** What is asked of cloud resources. */
export function resourceQueries(types: OutputTypes): Fields<unknown> {
  return {
    resources: {
      ...costing({ size: DEFAULT_RESOURCE_LIMIT }),
      type: new GraphQLList(new GraphQLNonNull(types.named("Resource"))),
      description:
        "Cloud resources, by `id`; `cursor` is the `id` of the last " +
        "one of the page before.",
      args: argumentsOf(resourceListParameters),
      resolve: resourcesOf,
    },
    resource: {
      type: types.named("Resource"),
      description: "One cloud resource, by AirDig's id, as in aws:ec2:i-123, " +
        "or the cloud's own.",
      args: argumentsOf(resourceArguments),
      resolve: resourceOf,
    },
  };
}

async function resourcesOf(
  _source: unknown,
  args: Arguments,
  { views }: GraphqlContext,
): Promise<readonly ResourceSource[]> {
  const asked = readArguments(resourceListParameters, args);
  const view = await views.view(asked);
  const services = Map.groupBy(
    view.resources.mappings,
    ({ resourceId }) => resourceId,
  );
  return listedResources(view.resources, asked).nodes.map((node) =>
    resourceSource(
      view,
      node,
      (services.get(node.id) ?? [])
        .toSorted((one, other) => other.confidence - one.confidence),
    )
  );
}

async function resourceOf(
  _source: unknown,
  args: Arguments,
  { views }: GraphqlContext,
): Promise<ResourceSource> {
  const asked = readArguments(resourceArguments, args);
  const view = await views.view(asked);
  const { node, mappings } = askedResource(asked.id, view.resources);
  return resourceSource(view, node, mappings);
}
