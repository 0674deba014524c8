import * as z from "zod/mini";
import { VERDICTS } from "../correlation/drift_finding.ts";
import { cursorParameter } from "../drift/cursor_parameter.ts";
import {
  limitParameter,
  nameParameter,
  nodeParameters,
  rangeParameters,
} from "../query/parameters.ts";
import { parseTime } from "../query/parse_time.ts";

/** The window of a report where none is asked for, minutes. */
export const DEFAULT_WINDOW_MINUTES = 60;
/** The shortest window, minutes. */
export const MIN_WINDOW_MINUTES = 5;
/** The longest window, minutes. */
export const MAX_WINDOW_MINUTES = 24 * 60;
/** Reports of one answer, where the request names no limit. */
export const DEFAULT_REPORT_LIMIT = 20;
/** The most reports of one answer. */
export const MAX_REPORT_LIMIT = 100;
/** The longest incident that is looked at, ms. */
export const MAX_INCIDENT_MS = 24 * 3_600_000;

const MS_PER_MINUTE = 60_000;
const WINDOW_FORMAT =
  `${MIN_WINDOW_MINUTES}m to ${MAX_WINDOW_MINUTES / 60}h, in whole minutes ` +
  '("30m", "1h")';
const WINDOW_PROBLEM = `must be from ${WINDOW_FORMAT}`;

/** The minutes before and after a change. */
export const windowParameter = z.pipe(
  z.string(),
  z.transform((text: string, context): number => {
    const time = parseTime(text);
    const minutes = time?.kind === "ago" ? time.ms / MS_PER_MINUTE : Number.NaN;
    if (
      Number.isInteger(minutes) && minutes >= MIN_WINDOW_MINUTES &&
      minutes <= MAX_WINDOW_MINUTES
    ) return minutes;
    context.issues.push({
      code: "custom",
      message: WINDOW_PROBLEM,
      input: text,
    });
    return z.NEVER;
  }),
).check(z.describe(`The time before and after the change: ${WINDOW_FORMAT}.`));

/** Parameters of `GET /api/v1/correlation/drift/{id}`. */
export const driftReportParameters = z.object({
  window: z.optional(windowParameter),
  format: z.optional(
    z.literal(["json", "text"], 'must be "json" or "text"'),
  ),
});

/** Parameters of `GET /api/v1/correlation/incident`. */
export const incidentParameters = z.object({
  service: nameParameter,
  ...nodeParameters,
  ...rangeParameters,
});

/** Parameters of `GET /api/v1/correlations`. */
export const reportListParameters = z.object({
  ...rangeParameters,
  verdict: z.optional(
    z.literal(VERDICTS, `must be one of ${VERDICTS.join(", ")}`),
  ),
  limit: z.optional(limitParameter(MAX_REPORT_LIMIT)),
  cursor: z.optional(cursorParameter),
});
