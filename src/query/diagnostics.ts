import * as z from "zod/mini";
import { emptyWindow, SPAN_COUNTERS } from "../map/service_window.ts";
import { windowFields } from "./answer_fields.ts";
import { type AnswerWindow, windowFigures } from "./answer_window.ts";
import { edgeHints } from "./edge_hints.ts";
import { matchesFilter, type NodeFilter } from "./filter_graph.ts";
import {
  nameParameter,
  nodeParameters,
  rangeParameters,
} from "./parameters.ts";
import { hintSchema, serviceHints } from "./service_hints.ts";
import type { ServiceActivity } from "./service_activity.ts";
import type { ServiceGraph } from "./service_graph.ts";
import { spanCounts, spanCountsSchema } from "./span_counts.ts";

/** Parameters of `GET /api/v1/diagnostics`. */
export const diagnosticsParameters = z.object({
  ...rangeParameters,
  ...nodeParameters,
  service: z.optional(nameParameter),
});

/** What is missing from the map around one service, and why. */
export const serviceDiagnosticsSchema = z.strictObject({
  service_name: z.string(),
  id: z.string(),
  namespace: z.string(),
  environment: z.string(),
  ...spanCountsSchema.shape,
  hints: z.array(hintSchema).check(z.describe("The worst first.")),
}).register(z.globalRegistry, { id: "ServiceDiagnostics" });

/** Answer to `GET /api/v1/diagnostics`. */
export const diagnosticsSchema = z.strictObject({
  services: z.array(serviceDiagnosticsSchema).check(z.describe("By `id`.")),
  count: z.int(),
  totals: spanCountsSchema.check(z.describe("Of all these services together.")),
  ...windowFields,
}).register(z.globalRegistry, { id: "Diagnostics" });

/** What is missing from the map, and why. */
export type Diagnostics = z.infer<typeof diagnosticsSchema>;

/** Which services are asked about; what is left out takes all. */
export interface DiagnosticsSelection extends NodeFilter {
  readonly service?: string | undefined;
}

/** What is missing from the map, and why, by service. */
export function diagnostics(
  graph: ServiceGraph,
  selection: DiagnosticsSelection,
  window: AnswerWindow,
): Diagnostics {
  const services = [...graph.services.values()].filter(({ identity }) =>
    matchesFilter(identity, selection) &&
    (selection.service ?? identity.name) === identity.name
  );
  const totals = emptyWindow().counters;
  for (const { activity } of services) {
    for (const name of SPAN_COUNTERS) totals[name] += activity.counters[name];
  }
  return {
    services: services.map((service) => serviceDiagnostics(graph, service)),
    count: services.length,
    totals: spanCounts(totals),
    ...windowFigures(window),
  };
}

/** What is missing from the map around one service, and why. */
export function serviceDiagnostics(
  graph: ServiceGraph,
  { id, identity, activity }: ServiceActivity,
): z.infer<typeof serviceDiagnosticsSchema> {
  return {
    service_name: identity.name,
    id,
    namespace: identity.namespace,
    environment: identity.environment,
    ...spanCounts(activity.counters),
    hints: [
      ...serviceHints(identity.name, activity.counters),
      ...edgeHints(graph, id),
    ],
  };
}
