import type { Json } from "../drift/drift.ts";
import type { ResourceNode } from "./resource_graph.ts";
import { bareId } from "./resource_identity.ts";

/** What of a node's metadata is an id of the cloud's or of Kubernetes. */
const ID_KEYS = [
  "instance_id",
  "arn",
  "resource_id",
  "resource_arn",
  "task_arn",
  "container_arn",
  "uid",
  "pod_uid",
  "function_name",
  "hostname",
  "host_name",
  "private_dns",
  "private_dns_name",
] as const;

/** What of it is an address of the node's own. */
const ADDRESS_KEYS = [
  "private_ip",
  "private_ip_address",
  "public_ip",
  "public_ip_address",
  "pod_ip",
  "ip",
  "cluster_ip",
] as const;

/** What of it is the name that it is called by over the network. */
const ENDPOINT_KEYS = [
  "endpoint",
  "reader_endpoint",
  "address",
  "dns_name",
  "private_dns",
  "private_dns_name",
  "hostname",
  "public_dns",
] as const;

/** The ids by which a node may be called: its own, bare, those in metadata. */
export function idsOfNode(node: ResourceNode): readonly string[] {
  const told = ID_KEYS.flatMap((key) => textsIn(node.metadata[key]));
  return distinct([
    node.id,
    bareId(node.id),
    ...told,
    ...told.filter((id) => id.startsWith("arn:")).map((id) => bareId(id)),
  ]);
}

/** The addresses of a node, without ports, in lower case. */
export function addressesOfNode(node: ResourceNode): readonly string[] {
  return distinct(
    ADDRESS_KEYS.flatMap((key) => textsIn(node.metadata[key]))
      .map((address) => hostOf(address)),
  );
}

/** The names of a node in the network, without ports, in lower case. */
export function endpointsOfNode(node: ResourceNode): readonly string[] {
  return distinct(
    ENDPOINT_KEYS.flatMap((key) => textsIn(node.metadata[key]))
      .map((endpoint) => hostOf(endpoint)),
  );
}

/**
 * The host of an address: without scheme, path and port, in lower case.
 *
 * @example
 * ```ts
 * import { hostOf } from "../src/resources/node_keys.ts";
 *
 * expect(hostOf("Orders.example.com:5432")).toBe("orders.example.com");
 * expect(hostOf("postgres://db.internal:5432/orders")).toBe("db.internal");
 * expect(hostOf("[::1]:80")).toBe("::1");
 * expect(hostOf("fd00::7")).toBe("fd00::7");
 * ```
 */
export function hostOf(address: string): string {
  const [authority = ""] = address
    .replace(/^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?/i, "").split(/[/?#]/);
  const [, bracketed] = /^\[([^\]]*)\](?::\d+)?$/.exec(authority) ?? [];
  const [, named] = /^([^:]+)(?::\d+)?$/.exec(authority) ?? [];
  return (bracketed ?? named ?? authority).toLowerCase();
}

/** A text, or the address that an object such as RDS's endpoint holds. */
function textsIn(value: Json | undefined): readonly string[] {
  if (typeof value === "string") return value === "" ? [] : [value];
  if (typeof value !== "object" || value === null) return [];
  if (isList(value)) return value.filter((one) => typeof one === "string");
  return textsIn(value["address"] ?? value["Address"] ?? "");
}

function isList(value: object): value is readonly Json[] {
  return Array.isArray(value);
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].filter((text) => text !== "");
}
