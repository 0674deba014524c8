import { HttpProblem } from "../http/http_problem.ts";
import type { GraphIndex } from "./graph_index.ts";
import type { Mapping } from "./mapping.ts";
import { nodeOfMapping } from "./resource_answer.ts";
import type { ResourceNode } from "./resource_graph.ts";
import { sameResource } from "./resource_identity.ts";

/** Resources that a refusal names. */
const MAX_NAMED = 5;

/** The resource that an id names, and the services on it. */
export interface AskedResource {
  readonly node: ResourceNode;
  /** Whether the graph knows it. */
  readonly inGraph: boolean;
  /** The surest first. */
  readonly mappings: readonly Mapping[];
}

/**
 * The resource of an id, AirDig's or bare, that the graph knows or spans named.
 *
 * @throws {HttpProblem} 404 where there is none, 409 where a bare id names
 *   several.
 */
export function askedResource(
  id: string,
  { index, mappings }: {
    readonly index: GraphIndex;
    readonly mappings: readonly Mapping[];
  },
): AskedResource {
  const [node, ...others] = index.named(id);
  if (node !== undefined && others.length > 0) {
    throw several(id, [node, ...others].map((one) => one.id));
  }
  if (node !== undefined) {
    return { node, inGraph: true, mappings: onResource(mappings, node.id) };
  }
  const named = mappings.filter(({ resourceId }) =>
    sameResource(resourceId, id)
  );
  const ids = [...new Set(named.map(({ resourceId }) => resourceId))];
  const [mapping] = named;
  if (mapping === undefined) {
    throw new HttpProblem(
      404,
      `Cannot find a resource "${id}": see GET /api/v1/resources`,
    );
  }
  if (ids.length > 1) throw several(id, ids);
  return {
    node: nodeOfMapping(mapping),
    inGraph: false,
    mappings: onResource(mappings, mapping.resourceId),
  };
}

function onResource(
  mappings: readonly Mapping[],
  id: string,
): readonly Mapping[] {
  return mappings.filter(({ resourceId }) => resourceId === id)
    .toSorted((one, other) => other.confidence - one.confidence);
}

function several(id: string, ids: readonly string[]): HttpProblem {
  const named = ids.slice(0, MAX_NAMED).join(", ");
  const more = ids.length > MAX_NAMED ? ", …" : "";
  return new HttpProblem(
    409,
    `Cannot tell which resource "${id}" is, of ${ids.length}: ask for one of ` +
      `${named}${more}`,
  );
}
