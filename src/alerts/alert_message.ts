import * as z from "zod/mini";
import {
  anomalyAnswer,
  anomalyAnswerSchema,
} from "../anomaly/anomaly_answer.ts";
import { timeField } from "../query/answer_fields.ts";
import { timeText } from "../query/figures.ts";
import { type Alert, ALERT_TYPES } from "./alert.ts";
import { alertText } from "./alert_text.ts";

/** What is posted to WEBHOOK_URL. */
export const alertMessageSchema = z.strictObject({
  type: z.literal(ALERT_TYPES),
  tenant: z.string(),
  timestamp: timeField,
  /** What happened, in one sentence. */
  text: z.string(),
  /** As `GET /api/v1/anomalies` answers it, with what may be behind it. */
  anomaly: anomalyAnswerSchema,
});

/** What is posted to WEBHOOK_URL. */
export type AlertMessage = z.infer<typeof alertMessageSchema>;

/** An alert as a webhook gets it. */
export function alertMessage(alert: Alert): AlertMessage {
  return {
    type: alert.type,
    tenant: alert.tenant,
    timestamp: timeText(alert.timeMs),
    text: alertText(alert),
    anomaly: anomalyAnswer(alert),
  };
}
