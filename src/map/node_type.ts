/**
 * Bits of what is known of a node's type: from the resource and the spans of
 * a service (stored in its windows), and from the edges of the map.
 */
export const NodeTrait = {
  /** Its SDK runs in a page. */
  BROWSER: 1,
  /** Its SDK runs on a phone or tablet. */
  MOBILE: 2,
  /** It is a serverless function. */
  FUNCTION: 4,
  /** It runs on a platform of workers, such as Cloudflare's. */
  WORKER_PLATFORM: 8,
  /** It served an HTTP request. */
  SERVES_HTTP: 16,
  /** It served an RPC. */
  SERVES_RPC: 32,
  /** It served a request that no span of another program began. */
  SERVES_ROOTS: 64,
  /** It served a request of any kind. */
  SERVES: 128,
  /** It took messages. */
  CONSUMES: 256,
  /** It called another program. */
  CALLS: 512,
  /** Messages are sent to it. */
  QUEUE: 1024,
  /** It is asked as a database, and is a cache. */
  CACHE: 2048,
  /** It is asked as a database. */
  DATABASE: 4096,
  /** It stands for those whose requests come from no known program. */
  USER: 8192,
  /** It is called, and no span comes from it. */
  EXTERNAL: 16384,
  /** It began work that no other program asked for. */
  BEGINS: 32768,
} as const;

/** What a node of the service map is. */
export type NodeType = (typeof NODE_TYPES)[number];

/** Every type a node can have, in AirDig's words. */
export const NODE_TYPES = [
  "web",
  "api",
  "database",
  "queue",
  "cache",
  "external",
  "browser",
  "mobile",
  "worker",
  "function",
  "user",
  "unknown",
] as const;

const SERVES_ANYTHING = NodeTrait.SERVES | NodeTrait.SERVES_HTTP |
  NodeTrait.SERVES_RPC;
const WEB = NodeTrait.SERVES_HTTP | NodeTrait.SERVES_ROOTS;

// What a program runs on says more than what it does; what its own spans say
// says more than what others say of a node with its name, unless they ask it
// as a database.
const BY_TRAIT: readonly (readonly [number, NodeType])[] = [
  [NodeTrait.BROWSER, "browser"],
  [NodeTrait.MOBILE, "mobile"],
  [NodeTrait.FUNCTION, "function"],
  [NodeTrait.WORKER_PLATFORM, "worker"],
  [NodeTrait.CACHE, "cache"],
  [NodeTrait.DATABASE, "database"],
  [SERVES_ANYTHING, "api"],
  [NodeTrait.CONSUMES, "worker"],
  [NodeTrait.QUEUE, "queue"],
  [NodeTrait.USER, "user"],
  [NodeTrait.EXTERNAL, "external"],
  [NodeTrait.CALLS | NodeTrait.BEGINS, "worker"],
];

/**
 * The type of a node. A service that serves HTTP to users is `web`, one that
 * serves other programs `api`, one that serves nobody (a consumer, a timed
 * job) `worker`.
 *
 * @param traits Bits of `NodeTrait`.
 *
 * @example
 * ```ts
 * import { NodeTrait, nodeType } from "../src/map/node_type.ts";
 *
 * expect(nodeType(NodeTrait.SERVES_RPC | NodeTrait.CALLS)).toBe("api");
 * expect(nodeType(0)).toBe("unknown");
 * ```
 */
export function nodeType(traits: number): NodeType {
  const [, type] = BY_TRAIT.find(([bits]) => (traits & bits) !== 0) ?? [];
  if (type === "api" && (traits & WEB) === WEB) return "web";
  return type ?? "unknown";
}
