import * as z from "zod/mini";
import { nodeId } from "../map/node_identity.ts";
import type { Sample } from "../map/sample.ts";
import type { EdgeStats } from "../map/service_window.ts";
import {
  countField,
  durationField,
  rateField,
  ratioField,
  timeField,
  traceIdsField,
} from "./answer_fields.ts";
import type { AnswerWindow } from "./answer_window.ts";
import {
  averageNs,
  nsOfMs,
  percentiles,
  ratePerSecond,
  requestFigures,
  settledCount,
  timeText,
} from "./figures.ts";

/** What went through a broker. */
export const messagingSchema = z.strictObject({
  system: z.string(),
  destination: z.string(),
  queue_time_p50: z.optional(durationField).check(
    z.describe(
      "From the producer's end to the consumer's start, ns, where it was measured.",
    ),
  ),
  queue_time_p95: z.optional(durationField),
  queue_time_p99: z.optional(durationField),
  skewed: countField.check(
    z.describe(
      "Messages that by the two clocks were taken before they were sent.",
    ),
  ),
}).register(z.globalRegistry, { id: "Messaging" });

/** Requests from one node to another in a window. */
export const serviceEdgeSchema = z.strictObject({
  from: z.string(),
  to: z.string(),
  from_id: z.string().check(z.describe("`id` of a node.")),
  to_id: z.string().check(z.describe("`id` of a node.")),
  window_start: timeField,
  window_end: timeField,
  latency: durationField.check(z.describe("Average, ns.")),
  latency_p50: durationField,
  latency_p95: durationField,
  latency_p99: durationField,
  client_latency_p50: z.optional(durationField).check(
    z.describe(
      "As the caller saw it, ns; not there where no span of the caller came.",
    ),
  ),
  client_latency_p95: z.optional(durationField),
  client_latency_p99: z.optional(durationField),
  request_count: countField,
  error_count: countField,
  error_rate: ratioField,
  request_rate: rateField,
  connection_type: z.literal([
    "",
    "messaging_system",
    "database",
    "virtual_node",
  ]),
  messaging: z.optional(messagingSchema),
  unpaired: countField.check(
    z.describe("Requests of which only one side's span came."),
  ),
  sample_traces: traceIdsField,
}).register(z.globalRegistry, { id: "ServiceEdge" });

/** Requests from one node to another in a window. */
export type ServiceEdge = z.infer<typeof serviceEdgeSchema>;

/** An edge as it is answered. */
export function serviceEdge(
  edge: EdgeStats,
  window: AnswerWindow,
): ServiceEdge {
  const { key, latency } = edge;
  const requests = requestFigures(latency.count, edge.failed);
  const { p50, p95, p99 } = percentiles(latency);
  return {
    from: key.from.name,
    to: key.to.name,
    from_id: nodeId(key.from),
    to_id: nodeId(key.to),
    window_start: timeText(window.startMs),
    window_end: timeText(window.endMs),
    latency: averageNs(latency),
    latency_p50: p50,
    latency_p95: p95,
    latency_p99: p99,
    ...clientFigures(edge),
    ...requests,
    request_rate: ratePerSecond(
      requests.request_count,
      nsOfMs(window.endMs - window.startMs),
    ),
    connection_type: key.connectionType,
    ...messagingFigures(edge),
    unpaired: unpairedRequests(edge),
    sample_traces: sampleTraces(edge.samples),
  };
}

function clientFigures(
  { client }: EdgeStats,
): Pick<
  ServiceEdge,
  "client_latency_p50" | "client_latency_p95" | "client_latency_p99"
> {
  if (client.count <= 0) return {};
  const { p50, p95, p99 } = percentiles(client);
  return {
    client_latency_p50: p50,
    client_latency_p95: p95,
    client_latency_p99: p99,
  };
}

function messagingFigures(
  { key, queue, skewedQueueTimes }: EdgeStats,
): { messaging?: z.infer<typeof messagingSchema> } {
  if (key.connectionType === "database") return {};
  if (key.system === "" && key.destination === "") return {};
  const { p50, p95, p99 } = percentiles(queue);
  return {
    messaging: {
      system: key.system,
      destination: key.destination,
      ...(queue.count > 0 && {
        queue_time_p50: p50,
        queue_time_p95: p95,
        queue_time_p99: p99,
      }),
      skewed: settledCount(skewedQueueTimes),
    },
  };
}

// A call that only its client or only its server told of: every one to a
// database or a virtual node, and those a server told of alone.
function unpairedRequests({ key, latency, client }: EdgeStats): number {
  const oneSided = key.connectionType === "database" ||
    key.connectionType === "virtual_node";
  return settledCount(oneSided ? latency.count : latency.count - client.count);
}

/** Trace ids, the failed ones first, then the slowest. */
export function sampleTraces(samples: readonly Sample[]): string[] {
  return samples.toSorted((a, b) =>
    Number(b.failed) - Number(a.failed) || b.durationNs - a.durationNs ||
    (a.traceId < b.traceId ? -1 : 1)
  ).map((sample) => sample.traceId);
}
