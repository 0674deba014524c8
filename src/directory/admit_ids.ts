import { OVERFLOW_NAME } from "../map/window_entries.ts";

/** Services that a tenant may have; what is beyond counts as `__overflow__`. */
export const MAX_SERVICES_PER_TENANT = 1000;

/** Characters of all their ids, which the Directory stores as one value. */
export const MAX_SERVICE_IDS_LENGTH = 1_500_000;

/**
 * Adds services to those known, up to the limits.
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
  let length = known.reduce((sum, id) => sum + id.length, 0);
  for (const id of ids) {
    if (services.has(id)) continue;
    const fits = services.size < MAX_SERVICES_PER_TENANT &&
      length + id.length <= MAX_SERVICE_IDS_LENGTH;
    if (fits) {
      services.add(id);
      length += id.length;
    } else {
      refused.push(id);
    }
  }
  // What is refused is counted under this name, which has to be known too.
  if (refused.length > 0) services.add(OVERFLOW_NAME);
  return { services: [...services], refused };
}
