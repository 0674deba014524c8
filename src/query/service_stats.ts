import * as z from "zod/mini";
import type { RequestStats } from "../map/service_window.ts";
import {
  countField,
  durationField,
  rateField,
  ratioField,
} from "./answer_fields.ts";
import type { AnswerWindow } from "./answer_window.ts";
import {
  averageNs,
  nsOfMs,
  percentiles,
  ratePerSecond,
  requestFigures,
} from "./figures.ts";

/** How a service did in a window. */
export const serviceStatsFields = {
  service_name: z.string(),
  request_count: countField,
  error_count: countField,
  error_rate: ratioField,
  request_rate: rateField,
  avg_latency: durationField,
  p50_latency: durationField,
  p95_latency: durationField,
  p99_latency: durationField,
  period: durationField.check(
    z.describe("Length of the window, as far as it has passed, ns."),
  ),
};

/** How a service did in a window. */
export type ServiceStats = z.infer<
  z.ZodMiniObject<typeof serviceStatsFields>
>;

/** The requests of a service as they are answered. */
export function serviceStats(
  name: string,
  { failed, duration }: RequestStats,
  window: AnswerWindow,
): ServiceStats {
  const period = nsOfMs(window.endMs - window.startMs);
  const requests = requestFigures(duration.count, failed);
  const { p50, p95, p99 } = percentiles(duration);
  return {
    service_name: name,
    ...requests,
    request_rate: ratePerSecond(requests.request_count, period),
    avg_latency: averageNs(duration),
    p50_latency: p50,
    p95_latency: p95,
    p99_latency: p99,
    period,
  };
}
