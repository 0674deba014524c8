import type { ParameterProblem } from "../http/http_problem.ts";
import type { Drift, Json, RootCause } from "./drift.ts";
import {
  MAX_DRIFT_AHEAD_MS,
  MAX_DRIFT_PROBLEMS,
  MAX_DRIFTS_PER_REQUEST,
} from "./drift_limits.ts";
import { fittingDrift } from "./fitting_drift.ts";
import { toldDriftSchema, type ToldFields } from "./told_drift_schema.ts";

/** An event as it was told: it may have no id. */
export type ToldDrift = Omit<Drift, "id"> & { readonly id: string | null };

/** Events, or what is wrong with each. */
export type DriftsResult =
  | { readonly ok: true; readonly drifts: readonly ToldDrift[] }
  | { readonly ok: false; readonly problems: readonly ParameterProblem[] };

/** The names that the three forms have for what happened, and when. */
const TYPE_NAMES = ["type", "drift_type", "change_type"] as const;
const TIME_NAMES = ["timestamp", "detected_at"] as const;

/** What is not put into `metadata`, since it has a place of its own. */
const OWN_NAMES: ReadonlySet<string> = new Set([
  ...Object.keys(toldDriftSchema.shape),
  ...TYPE_NAMES,
  ...TIME_NAMES,
  "before",
  "after",
  "diff",
  "expected",
  "actual",
  "event_type",
]);

/**
 * Reads drift events: one, or an array, each in whichever form: DeepDrift's
 * (`type`, `timestamp`), the other one of AirDig (`drift_type`, `detected_at`),
 * or a webhook of TFDrift-Falco (`change_type`, `expected`, `actual`).
 *
 * @param body JSON that was parsed.
 * @returns What is wrong, where anything is: `[2].resource_id` is a field of
 *   the third event.
 *
 * @example A webhook
 * ```ts
 * import { readDrifts } from "../src/drift/read_drifts.ts";
 *
 * const read = readDrifts({
 *   event_type: "terraform_drift_detected",
 *   resource_id: "sg-123456",
 *   change_type: "modified",
 *   detected_at: "2026-01-31T14:32:00Z",
 *   severity: "high",
 * }, Date.parse("2026-01-31T14:32:05Z"));
 * expect(read).toMatchObject({
 *   ok: true,
 *   drifts: [{ resourceId: "sg-123456", type: "modified", severity: "high" }],
 * });
 * ```
 */
export function readDrifts(body: unknown, nowMs: number): DriftsResult {
  if (!Array.isArray(body)) return readAll([["", body]], nowMs);
  if (body.length === 0 || body.length > MAX_DRIFTS_PER_REQUEST) {
    const problem = `must hold 1 to ${MAX_DRIFTS_PER_REQUEST} events`;
    return { ok: false, problems: [{ parameter: "body", problem }] };
  }
  const values: readonly unknown[] = body;
  return readAll(values.map((value, at) => [`[${at}]`, value]), nowMs);
}

function readAll(
  values: readonly (readonly [place: string, value: unknown])[],
  nowMs: number,
): DriftsResult {
  const drifts: ToldDrift[] = [];
  const problems: ParameterProblem[] = [];
  for (const [place, value] of values) {
    const read = readOne(value, nowMs);
    if (read.ok) drifts.push(read.drift);
    else {
      problems.push(...read.problems.map(({ parameter, problem }) => ({
        parameter: placed(place, parameter),
        problem,
      })));
    }
    if (problems.length >= MAX_DRIFT_PROBLEMS) break;
  }
  return problems.length === 0
    ? { ok: true, drifts }
    : { ok: false, problems: problems.slice(0, MAX_DRIFT_PROBLEMS) };
}

function placed(place: string, field: string): string {
  if (place === "") return field === "" ? "body" : field;
  return field === "" ? place : `${place}.${field}`;
}

function readOne(
  value: unknown,
  nowMs: number,
):
  | { readonly ok: true; readonly drift: ToldDrift }
  | { readonly ok: false; readonly problems: readonly ParameterProblem[] } {
  const names = namesIn(value);
  const read = toldDriftSchema.safeParse(
    isObject(value)
      ? {
        ...value,
        type: value[names.type],
        timestamp: value[names.timestamp],
      }
      : value,
  );
  if (!read.success) {
    const problems = read.error.issues.map(({ path, message }) => {
      const [first = "", ...rest] = path.map(String);
      const field = first === "type" || first === "timestamp"
        ? names[first]
        : first;
      return { parameter: [field, ...rest].join("."), problem: message };
    });
    return { ok: false, problems };
  }
  const { timestamp } = read.data;
  if (timestamp <= 0 || timestamp > nowMs + MAX_DRIFT_AHEAD_MS) {
    const latest = new Date(nowMs + MAX_DRIFT_AHEAD_MS).toISOString();
    const problem = `must be after 1970 and not after ${latest}`;
    return { ok: false, problems: [{ parameter: names.timestamp, problem }] };
  }
  return { ok: true, drift: fittingDrift(toldDrift(read.data, names)) };
}

/** Which names an event has for what happened, and when. */
interface Names {
  readonly type: (typeof TYPE_NAMES)[number];
  readonly timestamp: (typeof TIME_NAMES)[number];
}

function namesIn(value: unknown): Names {
  const event = isObject(value) ? value : {};
  const webhook = "event_type" in event;
  const type = webhook
    ? "change_type"
    : TYPE_NAMES.find((name) => name in event) ?? "type";
  const timestamp = TIME_NAMES.find((name) => name in event) ??
    (type === "type" ? "timestamp" : "detected_at");
  return { type, timestamp };
}

function toldDrift(told: ToldFields, names: Names): ToldDrift {
  const others = Object.entries(told)
    .filter(([name, value]) => !OWN_NAMES.has(name) && value !== undefined);
  return {
    id: told.id ?? null,
    resourceId: told.resource_id,
    resourceType: told.resource_type ?? "",
    type: told.type,
    severity: told.severity ?? "medium",
    timeMs: told.timestamp,
    source: told.source ?? SOURCES[names.type],
    rootCause: rootCause(told),
    impactedResources: told.impacted_resources ?? [],
    before: json(told["before"] ?? told["expected"]),
    after: json(told["after"] ?? told["actual"]),
    diff: json(told["diff"]),
    metadata: {
      ...Object.fromEntries(others.map(([name, value]) => [name, json(value)])),
      ...told.metadata as Record<string, Json> | null | undefined,
    },
    truncated: [],
  };
}

/** Who tells of events in each form, where they do not say. */
const SOURCES = {
  type: "deepdrift",
  drift_type: "airdig",
  change_type: "tfdrift-falco",
} as const;

function rootCause(told: ToldFields): RootCause | null {
  const { root_cause: cause } = told;
  if (cause) {
    return {
      cloudtrailEventId: cause.cloudtrail_event_id ?? "",
      eventName: cause.event_name ?? "",
      userIdentity: cause.user_identity ?? "",
      userArn: cause.user_arn ?? "",
      sourceIp: cause.source_ip ?? "",
      timeMs: cause.timestamp ?? null,
    };
  }
  const eventName = told.cloudtrail_event ?? "";
  const userIdentity = told.user ?? "";
  const sourceIp = told.ip_address ?? "";
  if (eventName === "" && userIdentity === "" && sourceIp === "") return null;
  const requestId = told["request_id"];
  return {
    cloudtrailEventId: typeof requestId === "string" ? requestId : "",
    eventName,
    userIdentity,
    userArn: "",
    sourceIp,
    timeMs: told.timestamp,
  };
}

// It was parsed from JSON, and is not looked into.
function json(value: unknown): Json {
  return (value ?? null) as Json;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
