import { GraphQLList, GraphQLNonNull, GraphQLUnionType } from "graphql";
import { anomalyAnswer } from "../anomaly/anomaly_answer.ts";
import { driftAnswer } from "../drift/drift_answer.ts";
import { nodeId } from "../map/node_identity.ts";
import { HttpProblem } from "../http/http_problem.ts";
import { allResources } from "../resources/listed_resources.ts";
import { type Arguments, argumentsOf, readArguments } from "./arguments.ts";
import { costing } from "./field_cost.ts";
import type { GraphqlContext } from "./graphql_context.ts";
import { DEFAULT_SEARCH_LIMIT, searchArguments } from "./graphql_parameters.ts";
import type { MapView } from "./map_views.ts";
import type { Fields, OutputTypes } from "./output_types.ts";
import { resourceSource } from "./resource_source.ts";
import { serviceOfId } from "./service_source.ts";

const FOUND = [
  "Service",
  "Resource",
  "DriftEvent",
  "Anomaly",
  "Trace",
] as const;
const WHOLE_TRACE_ID = /^[0-9a-f]{32}$/i;

/** Something that was found, by the name of its type. */
interface Found {
  readonly __typename: (typeof FOUND)[number];
}

/** What is asked of all at once. */
export function searchQueries(types: OutputTypes): Fields<unknown> {
  const result = new GraphQLUnionType({
    name: "SearchResult",
    description: "What a search finds.",
    types: () => FOUND.map((name) => types.named(name)),
  });
  return {
    search: {
      ...costing({ size: DEFAULT_SEARCH_LIMIT, weight: FOUND.length }),
      type: new GraphQLList(new GraphQLNonNull(result)),
      description: "Services and resources whose name or id has the text in " +
        "it, anomalies of such services, changes of that id or to that " +
        "resource, and the trace of that id; up to `limit` of each sort.",
      args: argumentsOf(searchArguments),
      resolve: find,
    },
  };
}

async function find(
  _source: unknown,
  args: Arguments,
  context: GraphqlContext,
): Promise<readonly Found[]> {
  const asked = readArguments(searchArguments, args);
  const { query, limit = DEFAULT_SEARCH_LIMIT } = asked;
  const view = await context.views.view();
  const services = servicesNamed(view, query).slice(0, limit);
  const some = { query, limit, services };
  const [anomalies, drifts, traces] = await Promise.all([
    findAnomalies(some, context),
    findDrifts(some, context),
    findTrace(query, context),
  ]);
  return [
    ...found("Service", services.map((id) => serviceOfId(view, id))),
    ...found("Resource", resourcesNamed(view, query).slice(0, limit)),
    ...found("DriftEvent", drifts),
    ...found("Anomaly", anomalies),
    ...found("Trace", traces),
  ];
}

interface Asked {
  readonly query: string;
  readonly limit: number;
  /** `nodeId` of those that were found. */
  readonly services: readonly string[];
}

function found(
  __typename: Found["__typename"],
  sources: readonly object[],
): readonly Found[] {
  return sources.map((source) => ({ ...source, __typename }));
}

function servicesNamed(view: MapView, query: string): readonly string[] {
  const known = new Map(view.known.map((one) => [nodeId(one), one.name]));
  for (const { id, identity } of view.graph.nodes.values()) {
    known.set(id, identity.name);
  }
  return [...known].filter(([id, name]) => hasText([id, name], query))
    .map(([id]) => id).toSorted();
}

function resourcesNamed(view: MapView, query: string) {
  return allResources(view.resources)
    .filter(({ id, name }) => hasText([id, name], query))
    .map((node) => resourceSource(view, node));
}

function hasText(texts: readonly string[], query: string): boolean {
  const part = query.toLowerCase();
  return texts.some((text) => text.toLowerCase().includes(part));
}

async function findAnomalies(
  { limit, services }: Asked,
  { loaders }: GraphqlContext,
) {
  const some = await Promise.all(
    services.map((of) => loaders.anomaliesOfService.load({ of, limit })),
  );
  return some.flat().slice(0, limit).map(anomalyAnswer);
}

async function findDrifts(
  { query, limit }: Asked,
  { loaders }: GraphqlContext,
) {
  const [own, ofResource] = await Promise.all([
    loaders.drift.load(query),
    loaders.driftsOfResource.load({ of: query, limit }),
  ]);
  const all = [...own === null ? [] : [own], ...ofResource];
  return [...new Map(all.map((drift) => [drift.id, drift])).values()]
    .slice(0, limit).map(driftAnswer);
}

async function findTrace(query: string, { loaders }: GraphqlContext) {
  if (!WHOLE_TRACE_ID.test(query)) return [];
  try {
    return [await loaders.trace.load(query)];
  } catch (error) {
    if (error instanceof HttpProblem && error.status === 404) return [];
    throw error;
  }
}
