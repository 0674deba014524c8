import type { Context, Hono } from "hono";
import { operationRoutes } from "../api/operation_routes.ts";
import { driftAnswer } from "../drift/drift_answer.ts";
import { listDrifts } from "../drift/drift_store.ts";
import type { AppEnv } from "../http/app_env.ts";
import { bodyBytes } from "../http/body_bytes.ts";
import { boundedJson } from "../http/bounded_json.ts";
import { badRequest, HttpProblem } from "../http/http_problem.ts";
import { refuseOtherTypes } from "../http/json_type.ts";
import { RETRY_AFTER_S } from "../http/json_error.ts";
import { readingMemory } from "../ingest/isolate_memory.ts";
import { answerJson } from "../query/answer_json.ts";
import type { AnswerPlan } from "../query/answer_plan.ts";
import { asked } from "../query/asked.ts";
import { askingOf } from "../query/asking.ts";
import { loadGraph } from "../query/load_graph.ts";
import { askedResource } from "./asked_resource.ts";
import { writeGraph } from "./graph_store.ts";
import { listedResources, resourcesOf } from "./listed_resources.ts";
import type { LoadedMappings } from "./load_mappings.ts";
import { mappingAnswer } from "./mapping_answer.ts";
import { readResourceGraph } from "./read_resource_graph.ts";
import {
  graphStateAnswer,
  MAX_NEIGHBOURS,
  neighboursOf,
  resourceFields,
} from "./resource_answer.ts";
import { GRAPH_MEMORY_PER_BYTE, MAX_GRAPH_BYTES } from "./resource_graph.ts";
import { resourceOperations } from "./resource_operations.ts";
import {
  resourceListParameters,
  resourceParameters,
} from "./resource_parameters.ts";

/** Drift events that a resource's answer lists. */
export const MAX_RESOURCE_DRIFTS = 20;

/** Cloud resources: pushed, listed, looked up with what runs on them. */
export function resourceRoutes(): Hono<AppEnv> {
  return operationRoutes(resourceOperations, {
    "GET /api/v1/resources": answerResources,
    "PUT /api/v1/resources": takeGraph,
    "GET /api/v1/resources/{id}": answerResource,
    "GET /api/v1/resources/{id}/services": answerServices,
  });
}

/** `PUT /api/v1/resources`: the graph in the place of the one before. */
async function takeGraph(context: Context<AppEnv>): Promise<Response> {
  const request = context.req.raw;
  const body = await bodyBytes(request, MAX_GRAPH_BYTES);
  refuseOtherTypes(request);
  const { tenant, keyId } = context.get("caller");
  // What spans take is leased from the same: an isolate has 128 MB for all.
  const lease = await readingMemory.reserve(
    `${tenant}/${keyId}`,
    body.length * GRAPH_MEMORY_PER_BYTE,
  );
  if (lease === null) {
    throw new HttpProblem(
      503,
      "There is no memory for the graph now: send it again after the time in " +
        "Retry-After",
      { headers: { "retry-after": String(RETRY_AFTER_S) } },
    );
  }
  try {
    return await storeGraph(context, body);
  } finally {
    lease.release();
  }
}

async function storeGraph(
  context: Context<AppEnv>,
  body: Uint8Array,
): Promise<Response> {
  const json = boundedJson(new TextDecoder().decode(body));
  if (!json.ok) {
    throw new HttpProblem(400, `Cannot read the body: ${json.problem}`);
  }
  const read = readResourceGraph(json.value);
  if (!read.ok) {
    const names = [...new Set(read.problems.map((one) => one.parameter))];
    throw badRequest(
      `Cannot take the graph: wrong field ${names.join(", ")}; see details`,
      read.problems,
    );
  }
  const { tenant } = context.get("caller");
  const state = await writeGraph(context.env.DB, tenant, {
    graph: read.graph,
    source: "pushed",
    nowMs: Date.now(),
  });
  return answerJson({
    nodes: state.nodes,
    edges: state.edges,
    loose_edges: read.looseEdges,
  });
}

/** `GET /api/v1/resources` */
async function answerResources(context: Context<AppEnv>): Promise<Response> {
  const { parameters, plan } = asked(context, resourceListParameters);
  const loaded = await loadResources(context, plan);
  const services = Map.groupBy(
    loaded.mappings,
    ({ resourceId }) => resourceId,
  );
  const { nodes, last } = listedResources(loaded, parameters);
  return answerJson({
    resources: nodes.map((node) => ({
      ...resourceFields(node, loaded.index),
      services: [
        ...new Set(
          (services.get(node.id) ?? []).map(({ serviceName }) => serviceName),
        ),
      ].toSorted(),
    })),
    count: nodes.length,
    next_cursor: last?.id ?? null,
    graph: graphStateAnswer(loaded.state),
  });
}

/** `GET /api/v1/resources/{id}` */
async function answerResource(context: Context<AppEnv>): Promise<Response> {
  const { plan } = asked(context, resourceParameters);
  const loaded = await loadResources(context, plan);
  const { node, mappings } = askedResource(idOf(context), loaded);
  const neighbours = neighboursOf(node, loaded.index);
  const drifts = await listDrifts(
    context.env.DB,
    context.get("caller").tenant,
    { filter: { resourceId: node.id }, limit: MAX_RESOURCE_DRIFTS },
  );
  return answerJson({
    ...resourceFields(node, loaded.index),
    metadata: node.metadata,
    tags: node.tags,
    created_at: node.createdAt,
    updated_at: node.updatedAt,
    services: mappings.map((mapping) => mappingAnswer(mapping)),
    neighbours: neighbours.slice(0, MAX_NEIGHBOURS),
    neighbour_count: neighbours.length,
    drift: drifts.map((drift) => driftAnswer(drift)),
    graph: graphStateAnswer(loaded.state),
  });
}

/** `GET /api/v1/resources/{id}/services` */
async function answerServices(context: Context<AppEnv>): Promise<Response> {
  const { plan } = asked(context, resourceParameters);
  const loaded = await loadResources(context, plan);
  const { node, mappings } = askedResource(idOf(context), loaded);
  return answerJson({
    resource_id: node.id,
    services: mappings.map((mapping) => mappingAnswer(mapping)),
    count: mappings.length,
  });
}

async function loadResources(
  context: Context<AppEnv>,
  plan: AnswerPlan,
): Promise<LoadedMappings> {
  return resourcesOf(await loadGraph(askingOf(context), plan));
}

function idOf(context: Context<AppEnv>): string {
  return context.req.param("id") ?? "";
}
