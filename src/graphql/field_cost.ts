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
export const LIST_SIZES: Readonly<Record<string, number>> = {
  "ServiceMap.nodes": 100,
  "ServiceMap.edges": 100,
  "Trace.spans": 100,
  "Anomaly.candidates": 3,
  "Service.resources": 3,
  "ServiceNode.resources": 3,
  "Resource.services": 3,
  "Span.resources": 2,
  // The page is counted by its limit.
  "TraceList.traces": 1,
};
