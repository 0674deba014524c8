import type { MappingSource } from "./mapping.ts";
import {
  addressesOfNode,
  endpointsOfNode,
  hostOf,
  idsOfNode,
} from "./node_keys.ts";
import type {
  ResourceEdge,
  ResourceGraph,
  ResourceNode,
} from "./resource_graph.ts";
import { bareId, kindOfId, sameResource } from "./resource_identity.ts";

/** What a resource is that such an attribute names, where several fit. */
const LIKELY: Partial<Record<MappingSource, RegExp>> = {
  "aws.ecs.task.arn": /task|ecs/i,
  "aws.ecs.container.arn": /container|ecs/i,
  "k8s.pod.uid": /pod/i,
  "k8s.pod.name": /pod/i,
  "host.id": /ec2|instance|host|node|vm|machine/i,
  "host.name": /ec2|instance|host|node|vm|machine/i,
  "faas.name": /lambda|function/i,
};

/** Where a node was found by its address, and how. */
export interface FoundByAddress {
  readonly node: ResourceNode;
  readonly from: "private_ip" | "endpoint" | "name";
}

/**
 * A graph that can be asked: which node an id, an attribute of a span, or an
 * address means, and what hangs together with it.
 */
export class GraphIndex {
  readonly graph: ResourceGraph;
  readonly #byId: Map<string, ResourceNode>;
  readonly #byKey: Map<string, ResourceNode[]> = new Map();
  readonly #byName: Map<string, ResourceNode[]> = new Map();
  readonly #byAddress: Map<string, ResourceNode[]> = new Map();
  readonly #byEndpoint: Map<string, ResourceNode[]> = new Map();
  readonly #edges: Map<string, ResourceEdge[]> = new Map();

  constructor(graph: ResourceGraph) {
    this.graph = graph;
    this.#byId = new Map(graph.nodes.map((node) => [node.id, node]));
    for (const node of graph.nodes) {
      for (const id of idsOfNode(node)) append(this.#byKey, id, node);
      append(this.#byName, node.name.toLowerCase(), node);
      for (const key of addressesOfNode(node)) {
        append(this.#byAddress, key, node);
      }
      for (const key of endpointsOfNode(node)) {
        append(this.#byEndpoint, key, node);
      }
    }
    for (const edge of graph.edges) {
      append(this.#edges, edge.from, edge);
      if (edge.to !== edge.from) append(this.#edges, edge.to, edge);
    }
  }

  /** The node of exactly this id. */
  node(id: string): ResourceNode | undefined {
    return this.#byId.get(id);
  }

  /** The nodes that an id names: as it is, or bare. Several: it is not clear. */
  named(id: string): readonly ResourceNode[] {
    const exact = this.#byId.get(id);
    if (exact !== undefined) return [exact];
    const whole = this.#byKey.get(id);
    if (whole !== undefined) return whole;
    const found = (this.#byKey.get(bareId(id)) ?? [])
      .filter((node) => sameResource(node.id, id));
    // A database and a function may share a name, which an ARN tells apart.
    const [, , service] = id.startsWith("arn:") ? id.split(":") : [];
    const fitting = found.filter((node) => kindOfId(node.id).type === service);
    return found.length > 1 && fitting.length > 0 ? fitting : found;
  }

  /** The node that an attribute of a span names; undefined where none does. */
  ofAttribute(
    source: MappingSource,
    value: string,
  ): ResourceNode | undefined {
    const ids = this.named(value);
    const named = source === "host.name" || source === "faas.name"
      ? this.#byName.get(value.toLowerCase()) ?? []
      : [];
    const nodes = [...new Set([...ids, ...named])]
      .filter((node) => inNamespace(node, source, value));
    if (nodes.length <= 1) return nodes[0];
    const likely = LIKELY[source];
    const fitting = likely === undefined
      ? []
      : nodes.filter(({ type }) => likely.test(type));
    return fitting.length === 1 ? fitting[0] : undefined;
  }

  /**
   * The node at an address, or of the name that calls give their other end;
   * undefined where there is none, or more than one.
   */
  atAddress(address: string): FoundByAddress | undefined {
    const host = hostOf(address);
    const tries = [
      ["private_ip", this.#byAddress.get(host)],
      ["endpoint", this.#byEndpoint.get(host)],
      ["name", this.#byName.get(host) ?? this.#byKey.get(address)],
    ] as const;
    for (const [from, nodes] of tries) {
      const [node, ...others] = nodes ?? [];
      if (node !== undefined && others.length === 0) return { node, from };
    }
    return undefined;
  }

  /** The edges at a node, whichever way they point. */
  edgesAt(id: string): readonly ResourceEdge[] {
    return this.#edges.get(id) ?? [];
  }
}

function inNamespace(
  node: ResourceNode,
  source: MappingSource,
  value: string,
): boolean {
  if (source !== "k8s.pod.name") return true;
  const [namespace = "", pod] = value.split("/");
  const told = node.metadata["namespace"];
  return pod === undefined || typeof told !== "string" || told === namespace;
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  if (key === "") return;
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}
