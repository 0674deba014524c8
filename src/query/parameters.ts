import * as z from "zod/mini";
import { type AskedTime, parseTime, TIME_FORMATS } from "./parse_time.ts";

/** The longest name that a parameter may hold, UTF-16 code units. */
export const MAX_NAME_LENGTH = 1024;
/** How many calls away from a service a map may reach. */
export const MAX_DEPTH = 10;

/** `start` or `end`. */
export const timeParameter = z.pipe(
  z.string(),
  z.transform((text: string, context): AskedTime => {
    const time = parseTime(text);
    if (time !== undefined) return time;
    context.issues.push({
      code: "custom",
      message: `must be ${TIME_FORMATS}`,
      input: text,
    });
    return z.NEVER;
  }),
).check(z.describe(`A time: ${TIME_FORMATS}.`));

/** The name of a service, a namespace or an environment. */
export const nameParameter = z.string("is missing").check(
  z.minLength(1, "must not be empty; leave it out to take all"),
  z.maxLength(
    MAX_NAME_LENGTH,
    `must have at most ${MAX_NAME_LENGTH} characters`,
  ),
);

/** How many calls away from the service the map reaches. */
export const depthParameter = z.pipe(
  z.string().check(
    z.refine(isDepth, `must be a whole number from 1 to ${MAX_DEPTH}`),
  ),
  z.transform(Number),
).check(z.describe(`Calls away from the service: 1 to ${MAX_DEPTH}.`));

function isDepth(text: string): boolean {
  return /^\d{1,3}$/.test(text) && Number(text) >= 1 &&
    Number(text) <= MAX_DEPTH;
}

/** To the callers, to the called, or both. */
export const directionParameter = z.literal(
  ["up", "down", "both"],
  'must be "up" (callers), "down" (called) or "both"',
).check(z.describe("To the callers (up), to the called (down), or both."));

/**
 * How many entries a page holds.
 *
 * @param most The most that can be asked for.
 *
 * @example
 * ```ts
 * import * as z from "zod/mini";
 * import { limitParameter } from "../src/query/parameters.ts";
 *
 * expect(z.parse(limitParameter(100), "20")).toBe(20);
 * expect(z.safeParse(limitParameter(100), "101").success).toBe(false);
 * ```
 */
export function limitParameter(most: number) {
  const problem = `must be a whole number from 1 to ${most}`;
  return z.pipe(
    z.string().check(
      z.refine(
        (text) =>
          /^\d{1,9}$/.test(text) && Number(text) >= 1 && Number(text) <= most,
        problem,
      ),
    ),
    z.transform(Number),
  ).check(z.describe(`Entries of a page: 1 to ${most}.`));
}

/** The window of an answer. */
export const rangeParameters = {
  start: z.optional(timeParameter),
  end: z.optional(timeParameter),
};

/** Parameters of a call that takes none. */
export const noParameters = z.object({});

/** Which services an answer is about. */
export const nodeParameters = {
  namespace: z.optional(nameParameter),
  environment: z.optional(nameParameter),
};
