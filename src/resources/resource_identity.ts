/** `aws:ec2:i-123456`: a provider, a type, and the cloud's own id. */
const AIRDIG = /^([a-z][a-z0-9-]*):([a-z0-9_-]+):(.+)$/i;

/**
 * The cloud's own id of a resource: the last part of an ARN, or what stands
 * behind provider and type, in both without a path or a namespace before it.
 *
 * @example
 * ```ts
 * import { bareId } from "../src/resources/resource_identity.ts";
 *
 * expect(bareId("aws:sg:sg-123456")).toBe("sg-123456");
 * expect(bareId("arn:aws:rds:eu-west-1:1:db:orders")).toBe("orders");
 * expect(bareId("sg-123456")).toBe("sg-123456");
 * ```
 */
export function bareId(id: string): string {
  const own = id.startsWith("arn:")
    ? afterLast(id, ":")
    : AIRDIG.exec(id)?.[3] ?? id;
  return afterLast(own, "/");
}

function afterLast(text: string, mark: string): string {
  const last = text.slice(text.lastIndexOf(mark) + 1);
  return last === "" ? text : last;
}

/** Whether an id is AirDig's: provider, type and the cloud's own id. */
export function isQualified(id: string): boolean {
  return !id.startsWith("arn:") && AIRDIG.test(id);
}

/**
 * Whether two ids name the same resource: the bare id, an ARN and AirDig's id
 * do; two of AirDig's only where they are equal, since a database and a
 * function may share a name.
 *
 * @example
 * ```ts
 * import { sameResource } from "../src/resources/resource_identity.ts";
 *
 * expect(sameResource("sg-123456", "aws:sg:sg-123456")).toBe(true);
 * expect(sameResource("aws:rds:orders", "aws:lambda:orders")).toBe(false);
 * ```
 */
export function sameResource(one: string, other: string): boolean {
  if (one === other) return true;
  if (isQualified(one) && isQualified(other)) return false;
  return bareId(one) === bareId(other);
}

/** Provider and type of an AirDig id; "" where the id does not say. */
export function kindOfId(
  id: string,
): { readonly provider: string; readonly type: string } {
  const [, provider = "", type = ""] = isQualified(id)
    ? AIRDIG.exec(id) ?? []
    : [];
  return { provider, type };
}
