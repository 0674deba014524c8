import * as z from "zod/mini";
import { decodeDriftCursor } from "../drift/drift_cursor.ts";
import { nameParameter, rangeParameters } from "../query/parameters.ts";
import { ANOMALY_METRICS } from "./anomaly.ts";
import { ANOMALY_STATES, type AnomalyPosition } from "./anomaly_filter.ts";
import { MAX_ANOMALY_LIMIT } from "./anomaly_limits.ts";

const LIMIT_PROBLEM = `must be a whole number from 1 to ${MAX_ANOMALY_LIMIT}`;

/** Parameters of `GET /api/v1/anomalies`. */
export const anomalyListParameters = z.object({
  ...rangeParameters,
  service: z.optional(nameParameter),
  metric: z.optional(
    z.literal(ANOMALY_METRICS, `must be one of ${ANOMALY_METRICS.join(", ")}`),
  ),
  state: z.optional(
    z.literal(ANOMALY_STATES, `must be one of ${ANOMALY_STATES.join(", ")}`),
  ),
  limit: z.optional(z.pipe(
    z.string().check(
      z.regex(/^\d{1,4}$/, LIMIT_PROBLEM),
      z.refine(
        (text) => Number(text) >= 1 && Number(text) <= MAX_ANOMALY_LIMIT,
        LIMIT_PROBLEM,
      ),
    ),
    z.transform(Number),
  )),
  cursor: z.optional(z.pipe(
    z.string(),
    z.transform((text: string, context): AnomalyPosition => {
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
