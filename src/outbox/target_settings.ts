import * as z from "zod/mini";
import {
  CLICKHOUSE,
  clickhouseTarget,
  type ClickHouseVariables,
} from "../clickhouse/clickhouse_target.ts";
import { isHeader } from "./header_list.ts";
import { JSON_TARGETS } from "./json_target.ts";
import type { OtlpTarget, TempoQueryTarget } from "./otlp_target.ts";
import type { Target } from "./target.ts";
import { targetUrl } from "./target_url.ts";

/** The most targets of a deployment, Tempo and ClickHouse among them. */
export const MAX_TARGETS = 4;
/** The name of the target that TEMPO_URL makes. */
export const TEMPO = "tempo";
/** What a target's name is made of. */
export const TARGET_NAME = /^[a-z0-9-]{1,32}$/;

const RESERVED_NAMES: readonly string[] = [TEMPO, CLICKHOUSE, ...JSON_TARGETS];

/** What OTLP_TARGETS has to be. */
export const TARGET_LIST_PROBLEM =
  `must be a JSON list of at most ${MAX_TARGETS} ` +
  'targets such as [{"name":"backup","url":"https://otlp.example",' +
  '"headers":{"authorization":"Bearer x"}}]; names are unique, of a-z, 0-9 ' +
  `and "-", at most 32, and none of ${RESERVED_NAMES.join(", ")}`;

const TargetList = z.array(z.strictObject({
  name: z.string().check(z.regex(TARGET_NAME)),
  url: z.string(),
  headers: z.optional(z.record(z.string(), z.string())),
}));

/** The variables that say where spans go on to, read one by one. */
export interface TargetVariables extends ClickHouseVariables {
  readonly TEMPO_URL?: string | undefined;
  readonly TEMPO_HEADERS?: Readonly<Record<string, string>> | undefined;
  readonly TEMPO_TENANT?: string | undefined;
  readonly TEMPO_USER?: string | undefined;
  readonly TEMPO_PASSWORD?: string | undefined;
  readonly TEMPO_TOKEN?: string | undefined;
  readonly TEMPO_QUERY_URL?: string | undefined;
  readonly TEMPO_QUERY_HEADERS?: Readonly<Record<string, string>> | undefined;
  readonly OTLP_TARGETS?: readonly OtlpTarget[] | undefined;
}

/** A variable that does not go with the others. */
export interface TargetProblem {
  readonly variable: keyof TargetVariables;
  /** Follows the variable's name in a message. */
  readonly problem: string;
}

/**
 * Reads OTLP_TARGETS.
 *
 * @returns null where it is not what `TARGET_LIST_PROBLEM` says.
 *
 * @example
 * ```ts
 * import { targetList } from "../src/outbox/target_settings.ts";
 *
 * expect(targetList('[{"name":"backup","url":"http://collector:4318"}]'))
 *   .toEqual([{
 *     name: "backup",
 *     url: "http://collector:4318/v1/traces",
 *     headers: {},
 *     orgId: null,
 *   }]);
 * expect(targetList('[{"name":"tempo","url":"http://tempo:4318"}]')).toBe(null);
 * ```
 */
export function targetList(text: string): readonly OtlpTarget[] | null {
  const read = TargetList.safeParse(parsedJson(text));
  if (!read.success || read.data.length > MAX_TARGETS) return null;
  const targets: OtlpTarget[] = [];
  const names: Set<string> = new Set(RESERVED_NAMES);
  for (const { name, url: address, headers = {} } of read.data) {
    const url = targetUrl(address);
    const pairs = Object.entries(headers);
    if (url === null || names.has(name)) return null;
    if (!pairs.every(([header, value]) => isHeader(header, value))) return null;
    names.add(name);
    const lower = pairs.map(([header, value]) => [header.toLowerCase(), value]);
    targets.push({
      name,
      url,
      headers: Object.fromEntries(lower) as Record<string, string>,
      orgId: null,
    });
  }
  return targets;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Which variables do not go together; none of the messages has a value. */
export function targetProblems(
  variables: TargetVariables,
): readonly TargetProblem[] {
  const { TEMPO_URL, TEMPO_USER, TEMPO_PASSWORD, TEMPO_TOKEN } = variables;
  const problems: TargetProblem[] = [];
  if (TEMPO_USER !== undefined && TEMPO_PASSWORD === undefined) {
    problems.push({ variable: "TEMPO_USER", problem: "needs TEMPO_PASSWORD" });
  }
  if (
    variables.TEMPO_QUERY_HEADERS !== undefined &&
    variables.TEMPO_QUERY_URL === undefined
  ) {
    problems.push({
      variable: "TEMPO_QUERY_HEADERS",
      problem: "needs TEMPO_QUERY_URL",
    });
  }
  if (TEMPO_PASSWORD !== undefined && TEMPO_USER === undefined) {
    problems.push({ variable: "TEMPO_PASSWORD", problem: "needs TEMPO_USER" });
  }
  const keys = [
    TEMPO_USER,
    TEMPO_TOKEN,
    variables.TEMPO_HEADERS?.["authorization"],
  ].filter((key) => key !== undefined);
  if (keys.length > 1) {
    problems.push({
      variable: TEMPO_TOKEN === undefined ? "TEMPO_USER" : "TEMPO_TOKEN",
      problem: "must be the only key: set one of TEMPO_USER, TEMPO_TOKEN and " +
        "an Authorization in TEMPO_HEADERS",
    });
  }
  const own = [TEMPO_URL, variables.CLICKHOUSE_URL]
    .filter((url) => url !== undefined).length;
  if (own + (variables.OTLP_TARGETS?.length ?? 0) > MAX_TARGETS) {
    problems.push({
      variable: "OTLP_TARGETS",
      problem: "must leave room for Tempo and ClickHouse: at most " +
        `${MAX_TARGETS} in all`,
    });
  }
  return [...problems, ...clickhouseProblems(variables)];
}

function clickhouseProblems(
  variables: ClickHouseVariables,
): readonly TargetProblem[] {
  if (variables.CLICKHOUSE_URL !== undefined) return [];
  const others = [
    "CLICKHOUSE_USER",
    "CLICKHOUSE_PASSWORD",
    "CLICKHOUSE_DATABASE",
    "CLICKHOUSE_TABLE",
  ] as const;
  return others.filter((variable) => variables[variable] !== undefined)
    .map((variable) => ({ variable, problem: "needs CLICKHOUSE_URL" }));
}

/**
 * Every target, Tempo first and ClickHouse last.
 *
 * @example Grafana Cloud
 * ```ts
 * import { targetsOf } from "../src/outbox/target_settings.ts";
 *
 * const [tempo] = targetsOf({
 *   TEMPO_URL: "https://tempo.example/otlp/v1/traces",
 *   TEMPO_USER: "123",
 *   TEMPO_PASSWORD: "glc_x",
 * });
 * expect(tempo).toMatchObject({
 *   headers: { authorization: "Basic MTIzOmdsY194" },
 * });
 * ```
 */
export function targetsOf(variables: TargetVariables): readonly Target[] {
  const tempo = tempoTarget(variables);
  const clickhouse = clickhouseTarget(variables);
  return [
    ...(tempo === null ? [] : [tempo]),
    ...(variables.OTLP_TARGETS ?? []),
    ...(clickhouse === null ? [] : [clickhouse]),
  ];
}

function tempoTarget(variables: TargetVariables): OtlpTarget | null {
  if (variables.TEMPO_URL === undefined) return null;
  return {
    name: TEMPO,
    url: variables.TEMPO_URL,
    headers: tempoHeaders(variables),
    orgId: variables.TEMPO_TENANT ?? null,
  };
}

/**
 * Tempo's query API; null without TEMPO_QUERY_URL. It is asked with the same
 * key as Tempo is sent to with, unless TEMPO_QUERY_HEADERS has another.
 */
export function tempoQueryOf(
  variables: TargetVariables,
): TempoQueryTarget | null {
  const { TEMPO_QUERY_URL, TEMPO_QUERY_HEADERS, TEMPO_TENANT } = variables;
  if (TEMPO_QUERY_URL === undefined) return null;
  return {
    url: TEMPO_QUERY_URL,
    headers: TEMPO_QUERY_HEADERS ?? tempoHeaders(variables),
    orgId: TEMPO_TENANT ?? null,
  };
}

function tempoHeaders(variables: TargetVariables): Record<string, string> {
  const authorization = tempoKey(variables);
  return {
    ...variables.TEMPO_HEADERS,
    ...(authorization === null ? {} : { authorization }),
  };
}

function tempoKey(variables: TargetVariables): string | null {
  const { TEMPO_USER, TEMPO_PASSWORD = "", TEMPO_TOKEN } = variables;
  if (TEMPO_TOKEN !== undefined) return `Bearer ${TEMPO_TOKEN}`;
  if (TEMPO_USER === undefined) return null;
  const bytes = new TextEncoder().encode(`${TEMPO_USER}:${TEMPO_PASSWORD}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}
