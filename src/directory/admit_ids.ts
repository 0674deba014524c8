/** Services that a tenant may have; what is beyond counts as `__overflow__`. */
export const MAX_SERVICES_PER_TENANT = 1000;

/**
 * Adds services to those known, up to the limit.
 *
 * @example
 * ```ts
 * import { admitIds } from "../src/directory/admit_ids.ts";
 *
 * expect(admitIds(["cart"], ["cart", "web"]))
 *   .toEqual({ services: ["cart", "web"], refused: [] });
 * ```
 */
export function admitIds(
  known: readonly string[],
  ids: readonly string[],
): { readonly services: string[]; readonly refused: readonly string[] } {
  const services = new Set(known);
  const refused: string[] = [];
  for (const id of ids) {
    if (services.has(id)) continue;
    if (services.size < MAX_SERVICES_PER_TENANT) services.add(id);
    else refused.push(id);
  }
  return { services: [...services], refused };
}
