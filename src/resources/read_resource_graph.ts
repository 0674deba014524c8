import * as z from "zod/mini";
import type { Json } from "../drift/drift.ts";
import type { ParameterProblem } from "../http/http_problem.ts";
import {
  MAX_GRAPH_EDGES,
  MAX_GRAPH_NODES,
  MAX_GRAPH_TEXT_LENGTH,
  type ResourceEdge,
  type ResourceGraph,
  type ResourceNode,
} from "./resource_graph.ts";
import { kindOfId } from "./resource_identity.ts";

/** Wrong fields that an answer names. */
export const MAX_GRAPH_PROBLEMS = 20;

/** A graph, or what is wrong with it. */
export type ResourceGraphResult =
  | {
    readonly ok: true;
    readonly graph: ResourceGraph;
    /** Edges left out, since a node at an end of them is not there. */
    readonly looseEdges: number;
  }
  | { readonly ok: false; readonly problems: readonly ParameterProblem[] };

const TEXT_PROBLEM =
  `must be a text of 1 to ${MAX_GRAPH_TEXT_LENGTH} characters`;
const text = z.string(TEXT_PROBLEM).check(
  z.minLength(1, TEXT_PROBLEM),
  z.maxLength(MAX_GRAPH_TEXT_LENGTH, TEXT_PROBLEM),
);
const anyText = z.optional(z.nullable(
  z.string("must be a text").check(
    z.maxLength(
      MAX_GRAPH_TEXT_LENGTH,
      `must have at most ${MAX_GRAPH_TEXT_LENGTH} characters`,
    ),
  ),
));
const anyObject = z.optional(z.nullable(
  z.record(z.string(), z.unknown(), "must be a JSON object"),
));

/** A graph as SkyGraph answers it. */
export const resourceGraphSchema = z.object({
  nodes: listOf(
    z.object({
      id: text,
      type: text,
      provider: anyText,
      region: anyText,
      name: anyText,
      metadata: anyObject,
      tags: anyObject,
      created_at: anyText,
      updated_at: anyText,
    }, "must be a JSON object"),
    MAX_GRAPH_NODES,
  ),
  edges: listOf(
    z.object({
      from: text,
      to: text,
      type: text,
      weight: z.optional(z.nullable(
        z.number("must be a number").check(
          z.minimum(0, "must not be negative"),
        ),
      )),
    }, "must be a JSON object"),
    MAX_GRAPH_EDGES,
  ),
}, "must be a JSON object with nodes and edges").register(z.globalRegistry, {
  id: "ResourceGraph",
});

type GraphFields = z.output<typeof resourceGraphSchema>;

/**
 * Reads a graph as SkyGraph answers it. Of a node that is there twice the last
 * word counts; an edge to a node that is not there is left out.
 *
 * @param body JSON that was parsed.
 *
 * @example
 * ```ts
 * import { readResourceGraph } from "../src/resources/read_resource_graph.ts";
 *
 * const read = readResourceGraph({
 *   nodes: [{ id: "aws:ec2:i-1", type: "ec2" }, { id: "aws:sg:sg-1", type: "security_group" }],
 *   edges: [{ from: "aws:ec2:i-1", to: "aws:sg:sg-1", type: "network" }],
 * });
 * expect(read).toMatchObject({ ok: true, looseEdges: 0 });
 * expect(readResourceGraph({ nodes: [{ id: "x" }], edges: [] })).toMatchObject({
 *   ok: false,
 *   problems: [{ parameter: "nodes[0].type" }],
 * });
 * ```
 */
export function readResourceGraph(body: unknown): ResourceGraphResult {
  const read = resourceGraphSchema.safeParse(body);
  if (!read.success) {
    const problems = read.error.issues.slice(0, MAX_GRAPH_PROBLEMS)
      .map(({ path, message }) => ({
        parameter: pathText(path),
        problem: message,
      }));
    return { ok: false, problems };
  }
  const nodes = new Map(
    (read.data.nodes ?? []).map((node) => [node.id, resourceNode(node)]),
  );
  const edges = (read.data.edges ?? [])
    .filter(({ from, to }) => nodes.has(from) && nodes.has(to));
  return {
    ok: true,
    graph: {
      nodes: [...nodes.values()],
      edges: edges.map((edge) => resourceEdge(edge)),
    },
    looseEdges: (read.data.edges ?? []).length - edges.length,
  };
}

function resourceNode(
  node: NonNullable<GraphFields["nodes"]>[number],
): ResourceNode {
  return {
    id: node.id,
    type: node.type,
    provider: node.provider ?? kindOfId(node.id).provider,
    region: node.region ?? "",
    name: node.name ?? "",
    // They were parsed from JSON, and are not looked into.
    metadata: (node.metadata ?? {}) as Record<string, Json>,
    tags: (node.tags ?? {}) as Record<string, Json>,
    createdAt: node.created_at ?? "",
    updatedAt: node.updated_at ?? "",
  };
}

function resourceEdge(
  { from, to, type, weight }: NonNullable<GraphFields["edges"]>[number],
): ResourceEdge {
  return { from, to, type, weight: weight ?? 1 };
}

// Go writes an empty list as null.
function listOf<T extends z.ZodMiniType>(schema: T, most: number) {
  return z.nullable(
    z.array(schema, "must be a list").check(
      z.maxLength(most, `must have at most ${most} entries`),
    ),
  );
}

function pathText(path: readonly PropertyKey[]): string {
  const joined = path.map((part) =>
    typeof part === "number" ? `[${part}]` : `.${String(part)}`
  ).join("");
  return joined.replace(/^\./, "") || "body";
}
