import * as z from "zod/mini";
import { countField, timeField } from "../query/answer_fields.ts";
import { timeText } from "../query/figures.ts";
import {
  type Drift,
  DRIFT_TYPES,
  type RootCause,
  SEVERITIES,
} from "./drift.ts";

/** A change of the infrastructure, as AirDig's DeepDrift calls it. */
export const driftAnswerSchema = z.strictObject({
  id: z.string(),
  resource_id: z.string(),
  resource_type: z.string(),
  type: z.literal(DRIFT_TYPES),
  timestamp: timeField,
  severity: z.literal(SEVERITIES),
  source: z.string().check(z.describe("Who told of it.")),
  before: z.optional(z.unknown()),
  after: z.optional(z.unknown()),
  diff: z.optional(z.unknown()),
  root_cause: z.optional(z.strictObject({
    cloudtrail_event_id: z.string(),
    event_name: z.string(),
    user_identity: z.string(),
    user_arn: z.string(),
    source_ip: z.string(),
    timestamp: z.optional(timeField),
  })),
  impacted_resources: z.array(z.string()),
  metadata: z.record(z.string(), z.unknown()).check(
    z.describe("What else was told."),
  ),
  truncated: z.array(z.string()).check(
    z.describe("Fields that were too large to be kept."),
  ),
}).register(z.globalRegistry, { id: "DriftEvent" });

/** A change of the infrastructure, as it is answered. */
export type DriftAnswer = z.infer<typeof driftAnswerSchema>;

/** Answer to `GET /api/v1/drift-events`. */
export const driftListSchema = z.strictObject({
  drift_events: z.array(driftAnswerSchema).check(
    z.describe("The newest first."),
  ),
  count: countField,
  next_cursor: z.nullable(z.string()).check(
    z.describe("For the next page; null: there is none."),
  ),
}).register(z.globalRegistry, { id: "DriftEventList" });

/** Answer to `POST /api/v1/drift-events`. */
export const takenDriftsSchema = z.strictObject({
  drift_events: z.array(z.strictObject({
    id: z.string(),
    created: z.boolean().check(z.describe("Whether it was not known before.")),
  })).check(z.describe("In the order in which they came.")),
  count: countField,
  created: countField.check(z.describe("How many were not known before.")),
}).register(z.globalRegistry, { id: "TakenDriftEvents" });

/** An event as it is answered. */
export function driftAnswer(drift: Drift): DriftAnswer {
  const { before, after, diff, rootCause } = drift;
  return {
    id: drift.id,
    resource_id: drift.resourceId,
    resource_type: drift.resourceType,
    type: drift.type,
    timestamp: timeText(drift.timeMs),
    severity: drift.severity,
    source: drift.source,
    ...(before === null ? {} : { before }),
    ...(after === null ? {} : { after }),
    ...(diff === null ? {} : { diff }),
    ...(rootCause === null ? {} : { root_cause: rootCauseAnswer(rootCause) }),
    impacted_resources: [...drift.impactedResources],
    metadata: { ...drift.metadata },
    truncated: drift.truncated.map((name) =>
      name === "impactedResources" ? "impacted_resources" : name
    ),
  };
}

function rootCauseAnswer(
  cause: RootCause,
): NonNullable<DriftAnswer["root_cause"]> {
  return {
    cloudtrail_event_id: cause.cloudtrailEventId,
    event_name: cause.eventName,
    user_identity: cause.userIdentity,
    user_arn: cause.userArn,
    source_ip: cause.sourceIp,
    ...(cause.timeMs === null ? {} : { timestamp: timeText(cause.timeMs) }),
  };
}
