/** An OTLP/HTTP endpoint that takes traces. */
export interface OtlpTarget {
  /** Lower-case letters, digits and "-"; Tempo is "tempo". */
  readonly name: string;
  /** The whole URL, with its path. */
  readonly url: string;
  /** Sent with every request; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** `X-Scope-OrgID`, with `{tenant}` for the tenant; null sends none. */
  readonly orgId: string | null;
}

/** Stands for the tenant in `orgId`. */
export const TENANT_MARK = "{tenant}";

/** Tempo's query API; `/api/search` is appended to its `url`. */
export type TempoQueryTarget = Omit<OtlpTarget, "name">;

/**
 * The headers that a tenant's requests go to a target with.
 *
 * @example A Tempo tenant for each of ours
 * ```ts
 * import { headersFor } from "../src/outbox/otlp_target.ts";
 *
 * const target = {
 *   name: "tempo",
 *   url: "http://tempo:4318/v1/traces",
 *   headers: { authorization: "Bearer x" },
 *   orgId: "airdig-{tenant}",
 * };
 * expect(headersFor(target, "shop")).toEqual({
 *   authorization: "Bearer x",
 *   "x-scope-orgid": "airdig-shop",
 * });
 * ```
 */
export function headersFor(
  target: Pick<OtlpTarget, "headers" | "orgId">,
  tenant: string,
): Readonly<Record<string, string>> {
  if (target.orgId === null) return target.headers;
  // Encoded, a tenant's name is made of what Tempo and a header allow.
  const orgId = target.orgId.replaceAll(
    TENANT_MARK,
    encodeURIComponent(tenant),
  );
  return { ...target.headers, "x-scope-orgid": orgId };
}
