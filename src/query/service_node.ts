import * as z from "zod/mini";
import { nodeType } from "../map/node_type.ts";
import type { RequestStats } from "../map/service_window.ts";
import {
  countField,
  durationField,
  nodeTypeField,
  rateField,
  ratioField,
  timeField,
} from "./answer_fields.ts";
import type { AnswerWindow } from "./answer_window.ts";
import {
  averageNs,
  nsOfMs,
  percentiles,
  ratePerSecond,
  requestFigures,
  timeText,
} from "./figures.ts";
import type { GraphNode } from "./service_graph.ts";
import { spanCounts, spanCountsSchema } from "./span_counts.ts";

/** A service, or what services call. */
export const serviceNodeSchema = z.strictObject({
  name: z.string(),
  id: z.string().check(
    z.describe("Unique on the map: the name, with namespace and environment."),
  ),
  namespace: z.string().check(z.describe('"" where there is none.')),
  environment: z.string().check(z.describe('"" where there is none.')),
  type: nodeTypeField,
  resource_id: z.optional(z.string()).check(
    z.describe("AirDig's id of the cloud resource it runs on."),
  ),
  endpoints: z.array(z.string()).check(
    z.describe("`METHOD route` of the HTTP requests it served."),
  ),
  first_seen: timeField.check(z.describe("Within the window.")),
  last_seen: timeField.check(z.describe("Within the window.")),
  metadata: z.strictObject({
    reported: z.boolean().check(z.describe("Whether spans came from it.")),
    request_count: countField.check(
      z.describe(
        "Requests it served; of one that serves nothing, the work it began.",
      ),
    ),
    error_count: countField,
    error_rate: ratioField,
    request_rate: rateField,
    latency: durationField.check(z.describe("Average, ns.")),
    latency_p50: durationField,
    latency_p95: durationField,
    latency_p99: durationField,
    spans: z.optional(spanCountsSchema).check(
      z.describe("What became of its spans, where it sends any."),
    ),
  }),
}).register(z.globalRegistry, { id: "ServiceNode" });

/** A service, or what services call. */
export type ServiceNode = z.infer<typeof serviceNodeSchema>;

/** A node as it is answered, measured by `requests`. */
export function serviceNode(
  node: GraphNode,
  requests: RequestStats,
  window: AnswerWindow,
): ServiceNode {
  const { identity, activity } = node;
  const { duration } = requests;
  const figures = requestFigures(duration.count, requests.failed);
  const { p50, p95, p99 } = percentiles(duration);
  return {
    name: identity.name,
    id: node.id,
    namespace: identity.namespace,
    environment: identity.environment,
    type: nodeType(node.traits),
    ...resourceId(node),
    endpoints: [...activity.endpoints].sort(),
    first_seen: timeText(withinWindow(node.firstSeenMs, window)),
    last_seen: timeText(withinWindow(node.lastSeenMs, window)),
    metadata: {
      reported: node.reported,
      ...figures,
      request_rate: ratePerSecond(
        figures.request_count,
        nsOfMs(window.endMs - window.startMs),
      ),
      latency: averageNs(duration),
      latency_p50: p50,
      latency_p95: p95,
      latency_p99: p99,
      ...(node.reported && { spans: spanCounts(activity.counters) }),
    },
  };
}

function resourceId(
  { resources: [surest] }: GraphNode,
): Pick<ServiceNode, "resource_id"> {
  return surest === undefined ? {} : { resource_id: surest.resourceId };
}

// A sender's clock can be ahead of ours.
function withinWindow(ms: number, { startMs, endMs }: AnswerWindow): number {
  return Math.min(Math.max(ms, startMs), endMs);
}
