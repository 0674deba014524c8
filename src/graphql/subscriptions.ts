import {
  GraphQLBoolean,
  type GraphQLFieldConfig,
  GraphQLID,
  GraphQLNonNull,
} from "graphql";
import * as z from "zod/mini";
import type { DriftAnswer } from "../drift/drift_answer.ts";
import type { LiveEvent, MapChanges } from "../live/live_event.ts";
import { liveEvents } from "../live/live_events.ts";
import { liveParameters, type LiveSelection } from "../live/live_selection.ts";
import { wrongParameters } from "../query/asked.ts";
import { nameParameter } from "../query/parameters.ts";
import { selectionProblems, type ServiceMap } from "../query/service_map.ts";
import { sameResource } from "../resources/resource_identity.ts";
import { type Arguments, argumentsOf, readArguments } from "./arguments.ts";
import { eventIterator } from "./event_iterator.ts";
import type { GraphqlContext } from "./graphql_context.ts";
import type { Fields, OutputTypes } from "./output_types.ts";
import { knownResource, type ResourceSource } from "./resource_source.ts";

const serviceArguments = z.object({ service: z.optional(nameParameter) });
const resourceArguments = z.object({ resource_id: z.optional(nameParameter) });

/** What is told as it happens, over server-sent events. */
export function subscriptions(types: OutputTypes): Fields<unknown> {
  return {
    serviceMapUpdated: told({
      type: new GraphQLNonNull(types.named("MapChanges")),
      description: "The whole map of the last minutes first, and then what " +
        "changed on it, once a second at the most.",
      args: argumentsOf(liveParameters),
      subscribe(_source: unknown, args: Arguments, context: GraphqlContext) {
        const selection = readArguments(liveParameters, args);
        const problems = selectionProblems(selection);
        if (problems.length > 0) throw wrongParameters(problems);
        return listen(context, selection, mapOf);
      },
    }),
    driftDetected: told({
      type: new GraphQLNonNull(types.named("DriftEvent")),
      description: "Changes of the infrastructure, as they become known.",
      args: argumentsOf(resourceArguments),
      subscribe(_source: unknown, args: Arguments, context: GraphqlContext) {
        const { resource_id: id } = readArguments(resourceArguments, args);
        return listen(
          context,
          {},
          (event) =>
            driftsOf(event).filter(({ resource_id: resource }) =>
              id === undefined || sameResource(id, resource)
            ),
        );
      },
    }),
    alertFired: told({
      type: new GraphQLNonNull(types.named("Anomaly")),
      description: "Anomalies, as they are raised, go on and end.",
      args: argumentsOf(serviceArguments),
      subscribe(_source: unknown, args: Arguments, context: GraphqlContext) {
        return listen(
          context,
          readArguments(serviceArguments, args),
          (event) => event.event === "anomaly" ? [event.data] : [],
        );
      },
    }),
    resourceUpdated: told({
      type: new GraphQLNonNull(types.named("Resource")),
      description: "A resource that was changed, or that a service with an " +
        "anomaly runs on, as it is then.",
      args: {
        id: {
          type: GraphQLID,
          description: "Of this one alone, by AirDig's id or the cloud's own.",
        },
      },
      subscribe(_source: unknown, { id }: Arguments, context: GraphqlContext) {
        return listen(context, {}, async (event) => {
          const touched = await resourcesOf(event, context);
          return typeof id === "string"
            ? touched.filter((one) => sameResource(id, String(one.id)))
            : touched;
        });
      },
    }),
  };
}

/** What `MapChanges` has beyond the HTTP API's answer. */
export const mapChangesWhole = {
  type: new GraphQLNonNull(GraphQLBoolean),
  description: "Whether this is the whole map: what was known before is void.",
  resolve: ({ whole }: { readonly whole: boolean }) => whole,
};

type Told = Omit<GraphQLFieldConfig<unknown, GraphqlContext>, "resolve">;

function told(config: Told): GraphQLFieldConfig<unknown, GraphqlContext> {
  return { ...config, resolve: (event) => event };
}

async function listen<Value>(
  context: GraphqlContext,
  selection: LiveSelection,
  valuesOf: (event: LiveEvent) => readonly Value[] | Promise<readonly Value[]>,
): Promise<AsyncIterable<Value>> {
  const { bindings, tenant, keyId } = context.asking;
  const heard = await liveEvents(bindings, { tenant, keyId, selection });
  if (!heard.ok) throw heard.problem;
  return eventIterator(heard.events, (event) => {
    // What was loaded for the event before is of its time.
    context.renew(Date.now());
    return valuesOf(event);
  });
}

interface MapUpdate extends MapChanges {
  readonly whole: boolean;
}

function mapOf(event: LiveEvent): readonly MapUpdate[] {
  if (event.event === "edges") return [{ ...event.data, whole: false }];
  return event.event === "map" ? [wholeMap(event.data)] : [];
}

function wholeMap(map: ServiceMap): MapUpdate {
  return { ...map, removed_nodes: [], removed_edges: [], whole: true };
}

function driftsOf(event: LiveEvent): readonly DriftAnswer[] {
  return event.event === "drift" ? [event.data] : [];
}

async function resourcesOf(
  event: LiveEvent,
  { views }: GraphqlContext,
): Promise<readonly ResourceSource[]> {
  if (event.event !== "drift" && event.event !== "anomaly") return [];
  const view = await views.view();
  const ids = event.event === "drift"
    ? [event.data.resource_id]
    : (view.graph.nodes.get(event.data.service)?.resources ?? [])
      .map(({ resourceId }) => resourceId);
  return ids.map((id) => knownResource(view, id))
    .filter((one) => one !== null);
}
