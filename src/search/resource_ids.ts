import type { Attributes } from "../spans/span.ts";

/** How many ids of a resource are told, the best of them. */
export const MAX_RESOURCE_IDS = 12;
/** The longest id that is one, UTF-16 units: an ARN has 2,048 at the most. */
export const MAX_RESOURCE_ID_LENGTH = 2048;

/** `aws:ec2:i-123456`, an ARN: a bare id behind what qualifies it. */
const QUALIFIED = /^[a-z][a-z0-9-]*:[a-z0-9_-]+:/i;

/** An id of the cloud resource that a span ran on. */
export interface ResourceId {
  readonly id: string;
  /** The attribute that says so. */
  readonly from: string;
}

/** Attributes that name a resource, the most certain first. */
const KEYS = [
  "cloud.resource_id",
  "cloud.resource.id",
  "aws.ecs.task.arn",
  "aws.ecs.container.arn",
  "k8s.pod.uid",
  "k8s.pod.name",
  "host.id",
  "faas.name",
  "host.name",
] as const;

/**
 * The ids of the cloud resource that a span ran on, best first, each once: an
 * ARN and its last part, a pod with its namespace and without.
 *
 * @param resource Attributes of the span's resource.
 * @returns At most `MAX_RESOURCE_IDS`.
 *
 * @example An instance
 * ```ts
 * import { resourceIds } from "../src/search/resource_ids.ts";
 *
 * const arn = "arn:aws:ec2:us-east-1:123456789012:instance/i-123456";
 * expect(resourceIds(new Map([["cloud.resource_id", arn]]))).toEqual([
 *   { id: arn, from: "cloud.resource_id" },
 *   { id: "i-123456", from: "cloud.resource_id" },
 * ]);
 * ```
 */
export function resourceIds(resource: Attributes): readonly ResourceId[] {
  const found: Map<string, string> = new Map();
  for (const from of KEYS) {
    const value = resource.get(from);
    if (typeof value !== "string" || value === "") continue;
    for (const id of idsOf(from, value, resource)) {
      if (id.length > MAX_RESOURCE_ID_LENGTH || found.has(id)) continue;
      if (found.size < MAX_RESOURCE_IDS) found.set(id, from);
    }
  }
  return Array.from(found, ([id, from]) => ({ id, from }));
}

/**
 * The ids by which a resource that is asked for may be known: as it was asked
 * for, and bare, since AirDig's `aws:ec2:i-123456` and the cloud's own
 * `i-123456` name the same.
 *
 * @example
 * ```ts
 * import { askedIds } from "../src/search/resource_ids.ts";
 *
 * expect(askedIds("aws:ec2:i-123456")).toEqual(["aws:ec2:i-123456", "i-123456"]);
 * expect(askedIds("i-123456")).toEqual(["i-123456"]);
 * ```
 */
export function askedIds(id: string): readonly string[] {
  if (!QUALIFIED.test(id)) return [id];
  const bare = id.startsWith("arn:")
    ? lastPart(id)
    : id.slice(id.lastIndexOf(":") + 1);
  return bare === "" ? [id] : [id, bare];
}

function idsOf(
  key: (typeof KEYS)[number],
  value: string,
  resource: Attributes,
): readonly string[] {
  if (key === "k8s.pod.name") {
    const namespace = resource.get("k8s.namespace.name");
    return typeof namespace === "string" && namespace !== ""
      ? [`${namespace}/${value}`, value]
      : [value];
  }
  if (!value.startsWith("arn:")) return [value];
  const last = lastPart(value);
  return last === "" ? [value] : [value, last];
}

function lastPart(arn: string): string {
  return arn.slice(Math.max(arn.lastIndexOf(":"), arn.lastIndexOf("/")) + 1);
}
