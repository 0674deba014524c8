import { GraphQLList, GraphQLNonNull } from "graphql";
import { wrongParameters } from "../query/asked.ts";
import { matchesFilter } from "../query/filter_graph.ts";
import {
  selectionProblems,
  serviceMap,
  serviceMapParameters,
} from "../query/service_map.ts";
import { unknownService } from "../query/unknown_service.ts";
import { type Arguments, argumentsOf, readArguments } from "./arguments.ts";
import { costing } from "./field_cost.ts";
import type { GraphqlContext } from "./graphql_context.ts";
import {
  DEFAULT_SERVICE_LIMIT,
  serviceArguments,
  servicesArguments,
} from "./graphql_parameters.ts";
import { inView } from "./in_view.ts";
import { type Fields, type OutputTypes } from "./output_types.ts";
import {
  serviceOfId,
  type ServiceSource,
  serviceSource,
} from "./service_source.ts";

/** What is asked of the map. */
export function mapQueries(types: OutputTypes): Fields<unknown> {
  return {
    serviceMap: {
      type: types.named("ServiceMap"),
      description: "The service map, or the part around one service; of the " +
        "last 5 minutes where no time is asked for.",
      args: argumentsOf(serviceMapParameters),
      resolve: mapOf,
    },
    services: {
      ...costing({ size: DEFAULT_SERVICE_LIMIT }),
      type: new GraphQLList(new GraphQLNonNull(types.named("Service"))),
      description: "The services that sent spans in a window, by `id`; " +
        "`cursor` is the `id` of the last one of the page before.",
      args: argumentsOf(servicesArguments),
      resolve: servicesOf,
    },
    service: {
      type: types.named("Service"),
      description: "A service, or what services call. Those that share its " +
        "name are put together, unless a namespace or an environment tells " +
        "them apart.",
      args: argumentsOf(serviceArguments),
      resolve: serviceOf,
    },
  };
}

async function mapOf(
  _source: unknown,
  args: Arguments,
  { views }: GraphqlContext,
) {
  const asked = readArguments(serviceMapParameters, args);
  const problems = selectionProblems(asked);
  if (problems.length > 0) throw wrongParameters(problems);
  const view = await views.view(asked);
  const { service } = asked;
  const unknown = service === undefined
    ? undefined
    : unknownService(service, view, asked);
  if (unknown !== undefined) throw unknown;
  const map = serviceMap(view.graph, asked, view.window);
  return {
    ...map,
    nodes: inView(view, map.nodes),
    edges: inView(view, map.edges),
  };
}

async function servicesOf(
  _source: unknown,
  args: Arguments,
  { views }: GraphqlContext,
): Promise<readonly ServiceSource[]> {
  const asked = readArguments(servicesArguments, args);
  const { limit = DEFAULT_SERVICE_LIMIT, cursor = "" } = asked;
  const view = await views.view(asked);
  return [...view.graph.nodes.values()]
    .filter((node) =>
      node.reported && matchesFilter(node.identity, asked) && node.id > cursor
    )
    .slice(0, limit).map(({ id }) => serviceOfId(view, id));
}

async function serviceOf(
  _source: unknown,
  args: Arguments,
  { views }: GraphqlContext,
): Promise<ServiceSource> {
  const asked = readArguments(serviceArguments, args);
  const view = await views.view(asked);
  const unknown = unknownService(asked.name, view, asked);
  if (unknown !== undefined) throw unknown;
  return serviceSource(view, asked.name, asked);
}
