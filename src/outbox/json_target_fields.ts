import * as z from "zod/mini";
import { headerText, parsed } from "../variable_fields.ts";
import type { JsonTarget } from "./json_target.ts";

/** The fewest characters of WEBHOOK_SECRET: less could be guessed. */
export const MIN_SIGNING_SECRET_LENGTH = 16;

/** The variables that say where what was found out goes to. */
export const JSON_TARGET_FIELDS = {
  ENGINE_URL: urlField("http://airdig-engine:8080/traces"),
  ENGINE_API_KEY: headerText(),
  WEBHOOK_URL: urlField("https://alerts.example/tracecore"),
  WEBHOOK_SECRET: z.optional(
    z.string().check(
      z.minLength(
        MIN_SIGNING_SECRET_LENGTH,
        `must have at least ${MIN_SIGNING_SECRET_LENGTH} characters`,
      ),
    ),
  ),
  SLACK_WEBHOOK_URL: urlField("https://hooks.slack.com/services/T/B/x"),
};

/** The variables, read one by one. */
export interface JsonTargetVariables {
  readonly ENGINE_URL?: string | undefined;
  readonly ENGINE_API_KEY?: string | undefined;
  readonly WEBHOOK_URL?: string | undefined;
  readonly WEBHOOK_SECRET?: string | undefined;
  readonly SLACK_WEBHOOK_URL?: string | undefined;
}

/** Those whose values stay out of error messages: all. */
export const JSON_TARGET_SECRETS: readonly (keyof JsonTargetVariables)[] = [
  "ENGINE_URL",
  "ENGINE_API_KEY",
  "WEBHOOK_URL",
  "WEBHOOK_SECRET",
  "SLACK_WEBHOOK_URL",
];

/** A variable that does not go with the others. */
export interface JsonTargetProblem {
  readonly variable: keyof JsonTargetVariables;
  /** Follows the variable's name in a message. */
  readonly problem: string;
}

/** Which variables do not go together. */
export function jsonTargetProblems(
  { ENGINE_URL, ENGINE_API_KEY, WEBHOOK_URL, WEBHOOK_SECRET }:
    JsonTargetVariables,
): readonly JsonTargetProblem[] {
  return [
    ...(ENGINE_API_KEY !== undefined && ENGINE_URL === undefined
      ? [{ variable: "ENGINE_API_KEY", problem: "needs ENGINE_URL" } as const]
      : []),
    ...(WEBHOOK_SECRET !== undefined && WEBHOOK_URL === undefined
      ? [{ variable: "WEBHOOK_SECRET", problem: "needs WEBHOOK_URL" } as const]
      : []),
  ];
}

/**
 * The targets that take JSON.
 *
 * @example
 * ```ts
 * import { jsonTargetsOf } from "../src/outbox/json_target_fields.ts";
 *
 * expect(jsonTargetsOf({
 *   ENGINE_URL: "http://airdig-engine:8080/traces",
 *   ENGINE_API_KEY: "key",
 * })).toEqual([{
 *   name: "engine",
 *   url: "http://airdig-engine:8080/traces",
 *   headers: { authorization: "Bearer key" },
 *   secret: null,
 * }]);
 * ```
 */
export function jsonTargetsOf(
  variables: JsonTargetVariables,
): readonly JsonTarget[] {
  const { ENGINE_URL, ENGINE_API_KEY, WEBHOOK_URL, WEBHOOK_SECRET } = variables;
  const { SLACK_WEBHOOK_URL } = variables;
  const targets: JsonTarget[] = [];
  if (ENGINE_URL !== undefined) {
    targets.push({
      name: "engine",
      url: ENGINE_URL,
      headers: ENGINE_API_KEY === undefined
        ? {}
        : { authorization: `Bearer ${ENGINE_API_KEY}` },
      secret: null,
    });
  }
  if (WEBHOOK_URL !== undefined) {
    const secret = WEBHOOK_SECRET ?? null;
    targets.push({ name: "webhook", url: WEBHOOK_URL, headers: {}, secret });
  }
  if (SLACK_WEBHOOK_URL !== undefined) {
    const url = SLACK_WEBHOOK_URL;
    targets.push({ name: "slack", url, headers: {}, secret: null });
  }
  return targets;
}

function urlField(example: string) {
  return parsed(
    wholeUrl,
    `must be an http or https URL without a user in it, such as ${example}`,
  );
}

function wholeUrl(text: string): string | null {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return null;
  if (url.username !== "" || url.password !== "") return null;
  url.hash = "";
  return url.href;
}
