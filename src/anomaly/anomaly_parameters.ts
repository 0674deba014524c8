import * as z from "zod/mini";
import { cursorParameter } from "../drift/cursor_parameter.ts";
import {
  limitParameter,
  nameParameter,
  rangeParameters,
} from "../query/parameters.ts";
import { ANOMALY_METRICS } from "./anomaly.ts";
import { ANOMALY_STATES } from "./anomaly_filter.ts";
import { MAX_ANOMALY_LIMIT } from "./anomaly_limits.ts";

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
  limit: z.optional(limitParameter(MAX_ANOMALY_LIMIT)),
  cursor: z.optional(cursorParameter),
});
