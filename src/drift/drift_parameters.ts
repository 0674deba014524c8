import * as z from "zod/mini";
import {
  limitParameter,
  MAX_NAME_LENGTH,
  rangeParameters,
} from "../query/parameters.ts";
import { DRIFT_TYPES, SEVERITIES } from "./drift.ts";
import { cursorParameter } from "./cursor_parameter.ts";
import { MAX_DRIFT_LIMIT } from "./drift_limits.ts";

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
  limit: z.optional(limitParameter(MAX_DRIFT_LIMIT)),
  cursor: z.optional(cursorParameter),
});
