import * as z from "zod/mini";
import { anomalyAnswerSchema } from "../anomaly/anomaly_answer.ts";
import { driftAnswerSchema } from "../drift/drift_answer.ts";
import { windowFields } from "../query/answer_fields.ts";
import { messagingSchema, serviceEdgeSchema } from "../query/service_edge.ts";
import { serviceMapSchema } from "../query/service_map.ts";
import { serviceNodeSchema } from "../query/service_node.ts";

/** What tells the edges of a map apart. */
export const edgeKeySchema = z.strictObject({
  from_id: z.string(),
  to_id: z.string(),
  connection_type: serviceEdgeSchema.shape.connection_type,
  messaging: z.optional(
    z.pick(messagingSchema, { system: true, destination: true }),
  ),
}).register(z.globalRegistry, { id: "EdgeKey" });

/** What tells the edges of a map apart. */
export type AnsweredEdgeKey = z.infer<typeof edgeKeySchema>;

/** What is not on the map any more, or otherwise than before. */
export const mapChangesSchema = z.strictObject({
  nodes: z.array(serviceNodeSchema).check(
    z.describe("New and changed ones, whole; by `id`."),
  ),
  edges: z.array(serviceEdgeSchema).check(
    z.describe(
      "New and changed ones, whole: they take the place of those with the " +
        "same `from_id`, `to_id`, `connection_type`, and system and " +
        "destination of `messaging`.",
    ),
  ),
  removed_nodes: z.array(z.string()).check(z.describe("By `id`.")),
  removed_edges: z.array(edgeKeySchema),
  ...windowFields,
}).register(z.globalRegistry, { id: "MapChanges" });

/** What is not on the map any more, or otherwise than before. */
export type MapChanges = z.infer<typeof mapChangesSchema>;

/** Why a connection ends. */
export const CLOSE_REASONS = [
  "lifetime",
  "key",
  "slow",
  "too_many_messages",
  "too_large_message",
] as const;

/** One of `CLOSE_REASONS`. */
export type CloseReason = (typeof CLOSE_REASONS)[number];

/** What a listener is told. */
export const liveEventSchema = z.discriminatedUnion("event", [
  z.strictObject({ event: z.literal("map"), data: serviceMapSchema }),
  z.strictObject({ event: z.literal("edges"), data: mapChangesSchema }),
  z.strictObject({ event: z.literal("drift"), data: driftAnswerSchema }),
  z.strictObject({ event: z.literal("anomaly"), data: anomalyAnswerSchema }),
  z.strictObject({
    event: z.literal("close"),
    data: z.strictObject({
      reason: z.literal(CLOSE_REASONS),
      message: z.string(),
    }),
  }),
]).register(z.globalRegistry, { id: "LiveEvent" });

/**
 * What a listener is told: the whole map first, and again whenever the map has
 * to be begun anew; then what changed on it; changes of the infrastructure and
 * anomalies as they become known; at last why the connection ends.
 */
export type LiveEvent = z.infer<typeof liveEventSchema>;
