/** What a field may cost; see `queryCost`. */
export interface FieldCost {
  /** Of each object, without what is asked of it. @default {1} */
  readonly weight?: number;
  /** How many objects a list holds where no `limit` is given. */
  readonly size?: number;
}

/** As it stands in the extensions of a field. */
export function costing(
  cost: FieldCost,
): { readonly extensions: { readonly cost: FieldCost } } {
  return { extensions: { cost } };
}

/** Lists of answers that are longer than others, or shorter, by type and field. */
export const LONG_LISTS: Readonly<Record<string, number>> = {
  "ServiceMap.nodes": 100,
  "ServiceMap.edges": 100,
  "Trace.spans": 100,
  "Anomaly.candidates": 3,
};
