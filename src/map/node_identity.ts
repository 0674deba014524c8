/** What encodeURIComponent leaves as it is. */
const PLAIN = /^[\w.!~*'()-]*$/;

/**
 * What tells one service from another: the three resource attributes
 * `service.namespace`, `service.name`, `deployment.environment.name`.
 * A node that no span comes from (a database, `user`) has a name alone.
 */
export interface NodeIdentity {
  /** `service.namespace`, or "" where there is none. */
  readonly namespace: string;
  /** `service.name`; never empty. */
  readonly name: string;
  /** `deployment.environment.name`, or "" where there is none. */
  readonly environment: string;
}

/**
 * One string for a node: name, then what qualifies it, percent-encoded so
 * that no two nodes share one and the string is ASCII.
 *
 * @example
 * ```ts
 * import { nodeId } from "../src/map/node_identity.ts";
 *
 * expect(nodeId({ namespace: "", name: "cart", environment: "" })).toBe("cart");
 * expect(nodeId({ namespace: "shop", name: "cart", environment: "prod" }))
 *   .toBe("shop/cart@prod");
 * ```
 */
export function nodeId(node: NodeIdentity): string {
  const namespace = node.namespace === "" ? "" : `${encode(node.namespace)}/`;
  const environment = node.environment === ""
    ? ""
    : `@${encode(node.environment)}`;
  return `${namespace}${encode(node.name)}${environment}`;
}

/**
 * The node of a `nodeId`.
 *
 * @example
 * ```ts
 * import { nodeOfId } from "../src/map/node_identity.ts";
 *
 * expect(nodeOfId("shop/cart@prod"))
 *   .toEqual({ namespace: "shop", name: "cart", environment: "prod" });
 * ```
 *
 * @throws {URIError} Where `id` is not percent-encoded as `nodeId` does.
 */
export function nodeOfId(id: string): NodeIdentity {
  const slash = id.indexOf("/");
  const at = id.indexOf("@");
  const end = at === -1 ? id.length : at;
  return {
    namespace: slash === -1 ? "" : decodeURIComponent(id.slice(0, slash)),
    name: decodeURIComponent(id.slice(slash + 1, end)),
    environment: at === -1 ? "" : decodeURIComponent(id.slice(at + 1)),
  };
}

/** A node that no resource describes: a database, an external host, `user`. */
export function virtualNode(name: string): NodeIdentity {
  return { namespace: "", name, environment: "" };
}

// encodeURIComponent throws on a lone surrogate, which a JSON body can carry.
function encode(part: string): string {
  // Most names need no encoding, and this is asked of every call.
  if (PLAIN.test(part)) return part;
  return encodeURIComponent(part.toWellFormed());
}
