import * as z from "zod/mini";
import { type AccessKey, KEY_STATES, keyState } from "../access/access_key.ts";
import { SCOPES } from "../access/caller.ts";
import { countField, timeField } from "../query/answer_fields.ts";
import { timeText } from "../query/figures.ts";

const limitField = z.nullable(z.number());

/** A key as the admin API shows it: never its secret. */
export const keyAnswerSchema = z.strictObject({
  id: z.string(),
  tenant: z.string(),
  name: z.string(),
  scope: z.literal(SCOPES),
  state: z.literal(KEY_STATES),
  created: timeField,
  expires: z.nullable(timeField).check(z.describe("null: never.")),
  revoked: z.nullable(timeField),
  origins: z.nullable(z.array(z.string())).check(
    z.describe("Of this and the others null is no limit."),
  ),
  services: z.nullable(z.array(z.string())),
  requests_per_second: limitField,
  spans_per_second: limitField,
  body_bytes: limitField,
  max_services: limitField,
}).register(z.globalRegistry, { id: "Key" });

/** A key as the admin API shows it: never its secret. */
export type KeyAnswer = z.infer<typeof keyAnswerSchema>;

/** Answer that makes a key. */
export const newKeySchema = z.extend(keyAnswerSchema, {
  key: z.string().check(z.describe("Its text, which is in no other answer.")),
}).register(z.globalRegistry, { id: "NewKey" });

/** Answer to `GET /api/v1/keys`. */
export const keyListSchema = z.strictObject({
  keys: z.array(keyAnswerSchema),
  count: countField,
}).register(z.globalRegistry, { id: "KeyList" });

/** Shows a key as it is at a time. */
export function keyAnswer(key: AccessKey, nowMs: number): KeyAnswer {
  const { limits } = key;
  return {
    id: key.id,
    tenant: key.tenant,
    name: key.name,
    scope: key.scope,
    state: keyState(key, nowMs),
    created: timeText(key.createdMs),
    expires: key.expiresMs === null ? null : timeText(key.expiresMs),
    revoked: key.revokedMs === null ? null : timeText(key.revokedMs),
    origins: limits.origins && [...limits.origins],
    services: limits.services && [...limits.services],
    requests_per_second: limits.requestsPerSecond,
    spans_per_second: limits.spansPerSecond,
    body_bytes: limits.bodyBytes,
    max_services: limits.maxServices,
  };
}
