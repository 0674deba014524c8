import * as z from "zod/mini";
import { parseTime } from "../query/parse_time.ts";
import { DRIFT_TYPES, SEVERITIES } from "./drift.ts";
import {
  MAX_DRIFT_ID_LENGTH,
  MAX_DRIFT_TEXT_LENGTH,
  MAX_DRIFTS_PER_REQUEST,
  MAX_IMPACTED_RESOURCES,
} from "./drift_limits.ts";

const TIME_FORMAT =
  "an RFC 3339 time such as 2026-01-31T12:00:00Z, or unix seconds or " +
  "milliseconds";
const TIME_PROBLEM = `must be ${TIME_FORMAT}`;

const id = optional(textOf(MAX_DRIFT_ID_LENGTH));
const anyText = optional(
  z.string("must be a text").check(
    z.maxLength(
      MAX_DRIFT_TEXT_LENGTH,
      `must have at most ${MAX_DRIFT_TEXT_LENGTH} characters`,
    ),
  ),
);
const anyObject = optional(
  z.record(z.string(), z.unknown(), "must be a JSON object"),
);
const time = z.pipe(
  z.union([z.string(), z.number()], TIME_PROBLEM),
  z.transform((value: string | number, context): number => {
    const read = parseTime(String(value));
    if (read?.kind === "at") return read.ms;
    context.issues.push({
      code: "custom",
      message: TIME_PROBLEM,
      input: value,
    });
    return z.NEVER;
  }),
).check(z.describe(TIME_FORMAT));

/**
 * An event as it is told, where `type` and `timestamp` have got these names,
 * whichever the form calls them.
 */
export const toldDriftSchema = z.looseObject({
  id,
  resource_id: textOf(MAX_DRIFT_TEXT_LENGTH),
  resource_type: anyText,
  type: wordOf(DRIFT_TYPES),
  timestamp: time,
  severity: optional(wordOf(SEVERITIES)),
  source: anyText,
  root_cause: optional(
    z.object({
      cloudtrail_event_id: anyText,
      event_name: anyText,
      user_identity: anyText,
      user_arn: anyText,
      source_ip: anyText,
      timestamp: optional(time),
    }, "must be a JSON object"),
  ),
  user: anyText,
  ip_address: anyText,
  cloudtrail_event: anyText,
  impacted_resources: optional(
    z.array(textOf(MAX_DRIFT_TEXT_LENGTH), "must be a list of ids").check(
      z.maxLength(
        MAX_IMPACTED_RESOURCES,
        `must have at most ${MAX_IMPACTED_RESOURCES} ids`,
      ),
    ),
  ),
  metadata: anyObject,
}, "must be a JSON object");

/** What is told, by the names of `toldDriftSchema`. */
export type ToldFields = z.output<typeof toldDriftSchema>;

const { type, timestamp, ...shared } = toldDriftSchema.shape;
const expected = {
  expected: z.optional(z.unknown()),
  actual: z.optional(z.unknown()),
};
const compared = {
  before: z.optional(z.unknown()),
  after: z.optional(z.unknown()),
  diff: z.optional(z.unknown()),
};
const forms = z.union([
  z.looseObject({ ...shared, type, timestamp, ...compared }).check(
    z.describe("DeepDrift's form."),
  ),
  z.looseObject({
    ...shared,
    drift_type: type,
    detected_at: timestamp,
    ...compared,
  }).check(z.describe("AirDig's other form.")),
  z.looseObject({
    ...shared,
    event_type: z.string(),
    change_type: type,
    detected_at: timestamp,
    ...expected,
    diff: z.optional(z.unknown()),
  }).check(z.describe("TFDrift-Falco's webhook.")),
]);

/** A body of events, for the reader: `readDrifts` reads it. */
export const toldDriftsSchema = z.union([
  forms,
  z.array(forms).check(
    z.minLength(1),
    z.maxLength(MAX_DRIFTS_PER_REQUEST),
  ),
]);

function optional<T extends z.ZodMiniType>(schema: T) {
  return z.optional(z.nullable(schema));
}

function textOf(most: number) {
  const problem = `must be a text of 1 to ${most} characters`;
  return z.string(problem).check(
    z.minLength(1, problem),
    z.maxLength(most, problem),
  );
}

/** A word in whatever case. */
function wordOf<const Words extends readonly string[]>(words: Words) {
  const word = z.literal(words, `must be one of ${words.join(", ")}`);
  return z.pipe(
    z.unknown(),
    z.pipe(
      z.transform((value) =>
        typeof value === "string" ? value.toLowerCase() : value
      ),
      word,
    ),
  ).check(z.meta({ override: { type: "string", enum: [...words] } }));
}
