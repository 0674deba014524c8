import * as z from "zod/mini";
import type { AirdigTarget } from "./airdig/ask_airdig.ts";
import { baseUrl } from "./outbox/base_url.ts";
import { ORIGIN } from "./access/origin.ts";
import {
  DEFAULT_OUTBOX_AGE_H,
  DEFAULT_OUTBOX_BYTES,
  LEAST_OUTBOX_BYTES,
  MOST_OUTBOX_AGE_H,
  MOST_OUTBOX_BYTES,
  type OutboxLimits,
} from "./outbox/outbox_limits.ts";
import type { TempoQueryTarget } from "./outbox/otlp_target.ts";
import type { JsonTarget } from "./outbox/json_target.ts";
import {
  JSON_TARGET_FIELDS,
  JSON_TARGET_SECRETS,
  jsonTargetProblems,
  jsonTargetsOf,
} from "./outbox/json_target_fields.ts";
import type { Target } from "./outbox/target.ts";
import { TARGET_FIELDS, TARGET_SECRETS } from "./outbox/target_fields.ts";
import {
  targetProblems,
  targetsOf,
  tempoQueryOf,
} from "./outbox/target_settings.ts";
import {
  DEFAULT_INDEXED_ATTRIBUTES,
  indexedKeys,
  MAX_INDEXED_ATTRIBUTES,
  MAX_INDEXED_KEY_LENGTH,
} from "./trace_index/indexed_keys.ts";
import {
  DEFAULT_GRAPH_BOUNDS,
  graphBounds,
  MAX_GRAPH_BOUNDS,
} from "./service_metrics/bucket_bounds.ts";
import type { RetentionLimits } from "./trace_store/retention_limits.ts";
import { headerText, parsed, ratio, wholeNumber } from "./variable_fields.ts";

/** Received bytes of one request, where MAX_BODY_BYTES says nothing: 4 MiB. */
export const DEFAULT_MAX_BODY_BYTES = 4 * 1024 * 1024;
/** The same after decompression, for MAX_INFLATED_BYTES: 20 MiB. */
export const DEFAULT_MAX_INFLATED_BYTES = 20 * 1024 * 1024;
/** The most that either limit can be set to: an isolate has 128 MB in all. */
export const LARGEST_BYTE_LIMIT = 32 * 1024 * 1024;
/** Trace shards of a tenant, where TRACE_SHARDS says nothing. */
export const DEFAULT_TRACE_SHARDS = 1;
/** The most trace shards that a tenant can have. */
export const MAX_TRACE_SHARDS = 64;
/** The fewest characters of ADMIN_KEY: less could be guessed. */
export const MIN_ADMIN_KEY_LENGTH = 16;
/** The fewest characters of DRIFT_WEBHOOK_SECRET: less could be guessed. */
export const MIN_WEBHOOK_SECRET_LENGTH = 16;
/** The share of traces that `tail` keeps, where TRACE_SHARE says nothing. */
export const DEFAULT_TRACE_SHARE = 0.05;
/** How long traces are kept, where TRACE_RETENTION_HOURS says nothing. */
export const DEFAULT_TRACE_HOURS = 24;
/** The longest that traces can be kept: as long as shards know them. */
export const MOST_TRACE_HOURS = 24;
/** Bytes of kept traces of a shard, deflated, for TRACE_MAX_BYTES: 1 GiB. */
export const DEFAULT_TRACE_BYTES = 1024 ** 3;
/** The fewest that TRACE_MAX_BYTES can be: two batches. */
export const LEAST_TRACE_BYTES = 8 * 1024 * 1024;
/** The most: the platform gives an object 10 GB for all that it has. */
export const MOST_TRACE_BYTES = 5 * 1024 ** 3;
const HOUR_MS = 3_600_000;

/** The configuration, checked, with every default filled in. */
export interface Settings {
  /** No key is asked for: a local start on loopback. */
  readonly open: boolean;
  /** The deployment's own key; null refuses every request unless `open`. */
  readonly adminKey: string | null;
  /** Origins whose pages may post spans; null allows every origin. */
  readonly allowedOrigins: readonly string[] | null;
  /** Origins whose pages may read the answers. */
  readonly readOrigins: readonly string[];
  /** Trace shards of a tenant, 1 to 64. */
  readonly traceShards: number;
  /** Limit on the received bytes of one request. */
  readonly maxBodyBytes: number;
  /** Limit on the decompressed bytes of one request. */
  readonly maxInflatedBytes: number;
  /** Where every span is forwarded to, Tempo first; none forwards nowhere. */
  readonly targets: readonly Target[];
  /** Where what was found out goes to: AirDig's Engine, webhooks. */
  readonly jsonTargets: readonly JsonTarget[];
  /** Where Tempo is asked for traces; null: nowhere. */
  readonly tempoQuery: TempoQueryTarget | null;
  /** What each target's outbox keeps. */
  readonly outbox: OutboxLimits;
  /** The span attribute that holds the sampling probability; null reads none. */
  readonly samplingAttribute: string | null;
  /** Which requests get a line in the log; `failed`: status 400 and above. */
  readonly logRequests: "failed" | "all" | "none";
  /**
   * Which traces the shards keep: all of them; those that failed, the samples
   * of the map and a share of the others; or none.
   */
  readonly traces: "all" | "tail" | "off";
  /** The share of the others, where `traces` is `tail`: 0 to 1. */
  readonly traceShare: number;
  /** How long and how much of them a tenant keeps. */
  readonly traceRetention: RetentionLimits;
  /** Attributes whose values the index of traces knows. */
  readonly indexedAttributes: readonly string[];
  /** Upper bounds of the histograms of edges in `/metrics`, s, ascending. */
  readonly graphBounds: readonly number[];
  /** Share of requests that become spans of TraceCore itself, 0 to 1. */
  readonly selfTraces: number;
  /** Where the resource graph is pulled from; null: it is pushed, or none. */
  readonly skygraph: AirdigTarget | null;
  /** Where unknown drift events are asked for; null: nowhere. */
  readonly deepdrift: AirdigTarget | null;
  /** What drift events are signed with; null: they come with a key. */
  readonly driftWebhookSecret: string | null;
}

/** A variable has a value that it cannot have; the message names it. */
export class SettingsError extends TypeError {
  override readonly name = "SettingsError";
}

const Variables = z.object({
  TRACECORE_OPEN: z.optional(
    z.literal(["true", "false"], 'must be "true" or "false"'),
  ),
  ADMIN_KEY: z.optional(
    z.string().check(
      z.minLength(
        MIN_ADMIN_KEY_LENGTH,
        `must have at least ${MIN_ADMIN_KEY_LENGTH} characters`,
      ),
      z.regex(/^[\x21-\x7e]*$/, "must be visible ASCII, without spaces"),
    ),
  ),
  ALLOWED_ORIGINS: z.optional(z.pipe(
    z.pipe(z.string(), z.transform(splitList)),
    z.array(
      z.string().check(
        z.regex(
          /^(\*|[a-z][a-z0-9+.-]*:\/\/[^/?#\s]+)$/,
          'must be "*", or origins such as https://shop.example with commas ' +
            "between, without a path",
        ),
      ),
    ),
  )),
  READ_ORIGINS: z.optional(z.pipe(
    z.pipe(z.string(), z.transform(splitList)),
    z.array(
      z.string().check(
        z.regex(
          ORIGIN,
          "must be origins such as https://grafana.example with commas " +
            'between, without a path; "*" is not taken',
        ),
      ),
    ),
  )),
  TRACE_SHARDS: wholeNumber(MAX_TRACE_SHARDS),
  MAX_BODY_BYTES: wholeNumber(LARGEST_BYTE_LIMIT),
  MAX_INFLATED_BYTES: wholeNumber(LARGEST_BYTE_LIMIT),
  ...TARGET_FIELDS,
  ...JSON_TARGET_FIELDS,
  OUTBOX_MAX_BYTES: wholeNumber(MOST_OUTBOX_BYTES, LEAST_OUTBOX_BYTES),
  OUTBOX_MAX_AGE_HOURS: wholeNumber(MOST_OUTBOX_AGE_H),
  OUTBOX_WHEN_FULL: z.optional(
    z.literal(["refuse", "drop_oldest"], 'must be "refuse" or "drop_oldest"'),
  ),
  SAMPLING_ATTRIBUTE: z.optional(z.string()),
  LOG_REQUESTS: z.optional(
    z.literal(
      ["failed", "all", "none"],
      'must be "failed", "all" or "none"',
    ),
  ),
  TRACES: z.optional(
    z.literal(["all", "tail", "off"], 'must be "all", "tail" or "off"'),
  ),
  TRACE_SHARE: parsed(ratio, "must be a ratio from 0 to 1, such as 0.05"),
  TRACE_RETENTION_HOURS: wholeNumber(MOST_TRACE_HOURS),
  TRACE_MAX_BYTES: wholeNumber(MOST_TRACE_BYTES, LEAST_TRACE_BYTES),
  TRACE_INDEX_ATTRIBUTES: parsed(
    indexedKeys,
    `must be 1 to ${MAX_INDEXED_ATTRIBUTES} names of attributes with commas ` +
      `between, of at most ${MAX_INDEXED_KEY_LENGTH} visible ASCII characters ` +
      "each, such as http.route,user.id",
  ),
  SERVICE_GRAPH_BUCKETS: parsed(
    graphBounds,
    `must be 1 to ${MAX_GRAPH_BOUNDS} ascending numbers of seconds with ` +
      "commas between, such as 0.1,0.5,2.5",
  ),
  SELF_TRACES: parsed(ratio, "must be a ratio from 0 to 1, such as 0.01"),
  SKYGRAPH_URL: parsed(
    baseUrl,
    "must be an http or https URL without a user and a query in it, such as " +
      "http://skygraph:8080",
  ),
  SKYGRAPH_API_KEY: headerText(),
  DEEPDRIFT_URL: parsed(
    baseUrl,
    "must be an http or https URL without a user and a query in it, such as " +
      "http://deepdrift:8080",
  ),
  DEEPDRIFT_API_KEY: headerText(),
  DRIFT_WEBHOOK_SECRET: z.optional(
    z.string().check(
      z.minLength(
        MIN_WEBHOOK_SECRET_LENGTH,
        `must have at least ${MIN_WEBHOOK_SECRET_LENGTH} characters`,
      ),
    ),
  ),
}).check(({ value, issues }) => {
  const problems = [...targetProblems(value), ...jsonTargetProblems(value)];
  for (const { variable, problem } of problems) {
    issues.push({
      code: "custom",
      path: [variable],
      message: problem,
      input: undefined,
    });
  }
});

/** The names of all variables. */
export const VARIABLE_NAMES: readonly string[] = Object.keys(Variables.shape);

/** Variables whose values stay out of error messages. */
const SECRETS: readonly string[] = [
  "ADMIN_KEY",
  ...TARGET_SECRETS,
  ...JSON_TARGET_SECRETS,
  "SKYGRAPH_URL",
  "SKYGRAPH_API_KEY",
  "DEEPDRIFT_URL",
  "DEEPDRIFT_API_KEY",
  "DRIFT_WEBHOOK_SECRET",
];

const known = new WeakMap<object, Settings>();

/**
 * Checks the environment's variables and fills in the defaults; once for each
 * environment. An empty variable counts as not set.
 *
 * @throws {SettingsError} Where a variable has a value that it cannot have; the
 * message names each such variable.
 *
 * @example Two shards, and the defaults
 * ```ts
 * import { readSettings } from "../src/settings.ts";
 *
 * const settings = readSettings({ TRACE_SHARDS: "2" });
 * expect(settings.traceShards).toBe(2);
 * expect(settings.maxBodyBytes).toBe(4 * 1024 * 1024);
 * expect(settings.targets).toEqual([]);
 * ```
 */
export function readSettings(
  bindings: Readonly<Record<string, unknown>>,
): Settings {
  const before = known.get(bindings);
  if (before !== undefined) return before;
  const result = z.safeParse(Variables, withoutEmpty(bindings));
  if (!result.success) {
    throw new SettingsError(explain(result.error.issues, bindings));
  }
  const settings = toSettings(result.data);
  known.set(bindings, settings);
  return settings;
}

function toSettings(variables: z.infer<typeof Variables>): Settings {
  const origins = variables.ALLOWED_ORIGINS ?? ["*"];
  return {
    open: variables.TRACECORE_OPEN === "true",
    adminKey: variables.ADMIN_KEY ?? null,
    allowedOrigins: origins.includes("*") ? null : origins,
    readOrigins: variables.READ_ORIGINS ?? [],
    traceShards: variables.TRACE_SHARDS ?? DEFAULT_TRACE_SHARDS,
    maxBodyBytes: variables.MAX_BODY_BYTES ?? DEFAULT_MAX_BODY_BYTES,
    maxInflatedBytes: variables.MAX_INFLATED_BYTES ??
      DEFAULT_MAX_INFLATED_BYTES,
    targets: targetsOf(variables),
    jsonTargets: jsonTargetsOf(variables),
    tempoQuery: tempoQueryOf(variables),
    outbox: {
      maxBytes: variables.OUTBOX_MAX_BYTES ?? DEFAULT_OUTBOX_BYTES,
      maxAgeMs: HOUR_MS *
        (variables.OUTBOX_MAX_AGE_HOURS ?? DEFAULT_OUTBOX_AGE_H),
      whenFull: variables.OUTBOX_WHEN_FULL ?? "refuse",
    },
    samplingAttribute: variables.SAMPLING_ATTRIBUTE ?? null,
    logRequests: variables.LOG_REQUESTS ?? "failed",
    traces: variables.TRACES ?? (isKeptElsewhere(variables) ? "tail" : "all"),
    traceShare: variables.TRACE_SHARE ?? DEFAULT_TRACE_SHARE,
    traceRetention: {
      ageMs: HOUR_MS *
        (variables.TRACE_RETENTION_HOURS ?? DEFAULT_TRACE_HOURS),
      bytes: variables.TRACE_MAX_BYTES ?? DEFAULT_TRACE_BYTES,
    },
    indexedAttributes: variables.TRACE_INDEX_ATTRIBUTES ??
      DEFAULT_INDEXED_ATTRIBUTES,
    graphBounds: variables.SERVICE_GRAPH_BUCKETS ?? DEFAULT_GRAPH_BOUNDS,
    selfTraces: variables.SELF_TRACES ?? 0,
    skygraph: airdigTarget(variables.SKYGRAPH_URL, variables.SKYGRAPH_API_KEY),
    deepdrift: airdigTarget(
      variables.DEEPDRIFT_URL,
      variables.DEEPDRIFT_API_KEY,
    ),
    driftWebhookSecret: variables.DRIFT_WEBHOOK_SECRET ?? null,
  };
}

function airdigTarget(
  url: string | undefined,
  apiKey: string | undefined,
): AirdigTarget | null {
  return url === undefined ? null : { url, apiKey: apiKey ?? null };
}

function isKeptElsewhere(variables: z.infer<typeof Variables>): boolean {
  return variables.TEMPO_URL !== undefined ||
    variables.CLICKHOUSE_URL !== undefined;
}

function withoutEmpty(
  bindings: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const set: Record<string, unknown> = {};
  for (const variable of VARIABLE_NAMES) {
    const value = bindings[variable];
    const trimmed = typeof value === "string" ? value.trim() : value;
    if (trimmed !== undefined && trimmed !== "") set[variable] = trimmed;
  }
  return set;
}

function explain(
  issues: readonly z.core.$ZodIssue[],
  bindings: Readonly<Record<string, unknown>>,
): string {
  const problems = issues.map((issue) => {
    const variable = String(issue.path[0]);
    const value = SECRETS.includes(variable)
      ? "its value"
      : JSON.stringify(bindings[variable]);
    return `${variable}: ${value} ${issue.message}`;
  });
  return `Cannot read the settings: ${problems.join("; ")}`;
}

function splitList(text: string): string[] {
  return text.split(",").map((part) => part.trim().toLowerCase())
    .filter((part) => part !== "");
}
