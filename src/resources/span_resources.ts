import { attributeText } from "../search/attribute_text.ts";
import { resourceIds } from "../search/resource_ids.ts";
import { isClientSide } from "../map/span_kind.ts";
import type { Resource, Span } from "../spans/span.ts";
import type { ResourceLink } from "../trace_view/trace_span.ts";
import type { GraphIndex } from "./graph_index.ts";
import { MAPPING_CONFIDENCE, type MappingSource } from "./mapping.ts";
import { resolveMappings } from "./resolve_mappings.ts";

/** Where the other end of a call is. */
const ADDRESSES = [
  "server.address",
  "net.peer.name",
  "network.peer.address",
] as const;

/**
 * Tells the cloud resources that spans ran on, by what their resources name,
 * and those that they called, by the address; the surest first.
 *
 * @example
 * ```ts
 * import { GraphIndex } from "../src/resources/graph_index.ts";
 * import { spanResources } from "../src/resources/span_resources.ts";
 *
 * const linksOf = spanResources(new GraphIndex({ nodes: [], edges: [] }));
 * const attributes = new Map([["host.id", "i-0a1b2c"]]);
 * expect(linksOf({
 *   kind: 2,
 *   attributes: new Map(),
 *   resource: { attributes, droppedAttributes: 0, schemaUrl: "" },
 * })).toEqual([
 *   { resource_id: "aws:ec2:i-0a1b2c", resource_type: "ec2", confidence: 0.9 },
 * ]);
 * ```
 */
export function spanResources(
  index: GraphIndex,
): (
  span: Pick<Span, "kind" | "attributes" | "resource">,
) => readonly ResourceLink[] {
  const known = new Map<Resource, readonly ResourceLink[]>();
  return ({ kind, attributes, resource }) => {
    const ran = known.get(resource) ?? linksOf(ranOn(resource), index);
    known.set(resource, ran);
    if (!isClientSide(kind)) return ran;
    const address = ADDRESSES.map((key) => attributeText(attributes.get(key)))
      .find((text) => text !== undefined && text !== "");
    if (address === undefined) return ran;
    const called = linksOf(
      [{ source: "server.address", value: address }],
      index,
    );
    return [...ran, ...called];
  };
}

interface Named {
  readonly source: MappingSource;
  readonly value: string;
}

/** What a resource names by each of its attributes. */
function ranOn({ attributes }: Resource): readonly Named[] {
  const named = new Map<string, string>();
  for (const { id, from } of resourceIds(attributes)) {
    if (!named.has(from)) named.set(from, id);
  }
  return Array.from(named).flatMap(([from, value]) =>
    isSource(from) ? [{ source: from, value }] : []
  );
}

function isSource(text: string): text is MappingSource {
  return Object.hasOwn(MAPPING_CONFIDENCE, text);
}

function linksOf(
  named: readonly Named[],
  index: GraphIndex,
): readonly ResourceLink[] {
  const rows = named.map(({ source, value }) => ({
    service: "",
    source,
    resource: value,
    firstSeenMs: 0,
    lastSeenMs: 0,
    traces: 0,
  }));
  return resolveMappings(rows, index).map((mapping) => ({
    resource_id: mapping.resourceId,
    resource_type: mapping.resourceType,
    confidence: mapping.confidence,
  }));
}
