import { nodeOfId } from "../map/node_identity.ts";
import type { GraphIndex } from "./graph_index.ts";
import { type Mapping, MAPPING_CONFIDENCE } from "./mapping.ts";
import type { MappingRow } from "./mapping_row.ts";
import { bareId } from "./resource_identity.ts";

/** A resource that no graph knows. */
interface UnknownResource {
  readonly id: string;
  readonly type: string;
}

/**
 * Which resources services run on: what spans named, as the graph calls it.
 * Several attributes that name one resource are one mapping, as sure as the
 * surest of them. What the graph does not know is called as AirDig would.
 *
 * @returns By service and, within one, the surest first.
 */
export function resolveMappings(
  rows: readonly MappingRow[],
  index: GraphIndex,
): readonly Mapping[] {
  const twins = new Set(
    rows.map(({ service, source }) => `${source}\n${service}`),
  );
  const merged = new Map<string, Mapping>();
  for (const row of rows) {
    const { service, source } = row;
    const isAddress = source === "server.address";
    const node = isAddress
      ? index.atAddress(row.resource)?.node
      : index.ofAttribute(source, row.resource);
    // An address is no resource by itself.
    if (node === undefined && isAddress) continue;
    const twin = TWINS[source];
    // Another attribute gives the same resource a name that people know.
    if (node === undefined && twin && twins.has(`${twin}\n${service}`)) {
      continue;
    }
    const { id, type } = node ?? unknownResource(row);
    const key = `${service}\n${id}`;
    const mapping: Mapping = {
      resourceId: id,
      resourceType: type,
      service,
      serviceName: nodeOfId(service).name,
      confidence: MAPPING_CONFIDENCE[source],
      firstSeenMs: row.firstSeenMs,
      lastSeenMs: row.lastSeenMs,
      traceCount: row.traces,
      from: source,
    };
    const known = merged.get(key);
    merged.set(key, known === undefined ? mapping : joined(known, mapping));
  }
  return [...merged.values()].toSorted(byServiceAndConfidence);
}

/** Names of a resource that say nothing where the other one is there, too. */
const TWINS: Partial<Record<MappingRow["source"], MappingRow["source"]>> = {
  "cloud.resource.id": "cloud.resource_id",
  "k8s.pod.uid": "k8s.pod.name",
  "host.name": "host.id",
};

function joined(one: Mapping, other: Mapping): Mapping {
  const surest = other.confidence > one.confidence ? other : one;
  return {
    ...surest,
    firstSeenMs: Math.min(one.firstSeenMs, other.firstSeenMs),
    lastSeenMs: Math.max(one.lastSeenMs, other.lastSeenMs),
    traceCount: Math.max(one.traceCount, other.traceCount),
  };
}

function byServiceAndConfidence(one: Mapping, other: Mapping): number {
  return compare(one.service, other.service) ||
    other.confidence - one.confidence ||
    compare(one.resourceId, other.resourceId);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** `arn:aws:ec2:eu-west-1:1:instance/i-1`: its service, then its resource. */
const ARN = /^arn:[^:]*:([^:]*):[^:]*:[^:]*:(.+)$/;

/** What an ARN's service and kind of resource are in AirDig's ids. */
const ARN_TYPES: Readonly<Record<string, string>> = {
  "security-group": "sg",
  instance: "ec2",
  function: "lambda",
};

function unknownResource({ source, resource }: MappingRow): UnknownResource {
  const bare = bareId(resource);
  const [, service = "", rest = ""] = ARN.exec(resource) ?? [];
  if (service !== "") {
    const [kind = ""] = rest.split(/[/:]/);
    const type = ARN_TYPES[kind] ?? service;
    return { id: `aws:${type}:${bare}`, type };
  }
  if (source === "k8s.pod.name") {
    return { id: `k8s:pod:${bare}`, type: "k8s_pod" };
  }
  if (source === "host.id" && /^i-[0-9a-f]+$/.test(resource)) {
    return { id: `aws:ec2:${resource}`, type: "ec2" };
  }
  return { id: resource, type: TYPES[source] ?? "" };
}

/** What a resource is that such an attribute names. */
const TYPES: Partial<Record<MappingRow["source"], string>> = {
  "k8s.pod.uid": "k8s_pod",
  "host.id": "host",
  "host.name": "host",
  "faas.name": "function",
};
