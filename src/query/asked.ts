import type { Context } from "hono";
import type * as z from "zod/mini";
import type { AppEnv } from "../http/app_env.ts";
import { badRequest, type ParameterProblem } from "../http/http_problem.ts";
import { type AnswerPlan, answerPlan } from "./answer_plan.ts";
import type { rangeParameters } from "./parameters.ts";
import { readParameters } from "./read_parameters.ts";
import { type AskedRange, timeRange } from "./time_range.ts";

/** What a request asks for, read and checked. */
export interface Asked<T> {
  readonly parameters: T;
  readonly plan: AnswerPlan;
}

/**
 * Reads the parameters of a question about a window of time.
 *
 * @param check What else can be wrong, where each parameter is right.
 * @throws {HttpProblem} 400 that names each wrong parameter.
 */
export function asked<Shape extends typeof rangeParameters>(
  context: Context<AppEnv>,
  schema: z.ZodMiniObject<Shape>,
  check?: (
    parameters: z.output<z.ZodMiniObject<Shape>>,
  ) => readonly ParameterProblem[],
): Asked<z.output<z.ZodMiniObject<Shape>>> {
  const nowMs = Date.now();
  const parameters = readOrRefuse(context, schema);
  const problems = check?.(parameters) ?? [];
  const plan = askedPlan(parameters as AskedRange, nowMs, { problems });
  return { parameters, plan };
}

/**
 * What is read for a question about a window of time.
 *
 * @throws {HttpProblem} 400 that names each wrong parameter.
 */
export function askedPlan(
  times: AskedRange,
  nowMs: number,
  { problems = [] }: {
    /** What else is wrong. */
    readonly problems?: readonly ParameterProblem[];
  } = {},
): AnswerPlan {
  const range = timeRange(times, nowMs);
  const all = [...(range.ok ? [] : range.problems), ...problems];
  if (!range.ok || all.length > 0) throw wrongParameters(all);
  return answerPlan(range.range, nowMs);
}

/**
 * Reads the parameters of a question that is not about a window.
 *
 * @throws {HttpProblem} 400 that names each wrong parameter.
 */
export function readOrRefuse<Shape extends z.core.$ZodLooseShape>(
  context: Context<AppEnv>,
  schema: z.ZodMiniObject<Shape>,
): z.output<z.ZodMiniObject<Shape>> {
  const read = readParameters(schema, new URL(context.req.url).searchParams);
  if (!read.ok) throw wrongParameters(read.problems);
  return read.value;
}

/** The answer to wrong parameters: 400 that names each. */
export function wrongParameters(problems: readonly ParameterProblem[]): Error {
  const names = [...new Set(problems.map(({ parameter }) => parameter))];
  return badRequest(
    `Cannot answer: wrong parameter ${names.join(", ")}; see details`,
    problems,
  );
}
