import * as z from "zod/mini";
import { MAX_NAME_LENGTH, rangeParameters } from "../query/parameters.ts";
import { DRIFT_TYPES, SEVERITIES } from "./drift.ts";
import { decodeDriftCursor } from "./drift_cursor.ts";
import type { DriftPosition } from "./drift_filter.ts";
import { MAX_DRIFT_LIMIT } from "./drift_limits.ts";

const LIMIT_PROBLEM = `must be a whole number from 1 to ${MAX_DRIFT_LIMIT}`;

/** Parameters of `GET /api/v1/drift-events`. */
export const driftListParameters = z.object({
  ...rangeParameters,
  resource_id: z.optional(
    z.string().check(
      z.minLength(1, "must not be empty; leave it out to take all"),
      z.maxLength(
        MAX_NAME_LENGTH,
        `must have at most ${MAX_NAME_LENGTH} characters`,
      ),
    ),
  ),
  type: z.optional(
    z.literal(DRIFT_TYPES, `must be one of ${DRIFT_TYPES.join(", ")}`),
  ),
  severity: z.optional(
    z.literal(SEVERITIES, `must be one of ${SEVERITIES.join(", ")}`),
  ),
  limit: z.optional(z.pipe(
    z.string().check(
      z.regex(/^\d{1,4}$/, LIMIT_PROBLEM),
      z.refine(
        (text) => Number(text) >= 1 && Number(text) <= MAX_DRIFT_LIMIT,
        LIMIT_PROBLEM,
      ),
    ),
    z.transform(Number),
  )),
  cursor: z.optional(z.pipe(
    z.string(),
    z.transform((text: string, context): DriftPosition => {
      const position = decodeDriftCursor(text);
      if (position !== null) return position;
      context.issues.push({
        code: "custom",
        message: "must be a next_cursor of an earlier answer",
        input: text,
      });
      return z.NEVER;
    }),
  )),
});

/** Parameters of a call that takes none. */
export const noParameters = z.object({});
