import type { Bindings } from "../bindings.ts";
import type { JsonTargetName } from "../outbox/json_target.ts";
import { storeJson } from "../outbox/store_json.ts";
import type { Settings } from "../settings.ts";
import { type Alert, alertKey } from "./alert.ts";
import { alertMessage } from "./alert_message.ts";
import { slackMessage } from "./slack_message.ts";

/** What each target gets; AirDig's Engine gets the map instead. */
const MESSAGES: Partial<Record<JsonTargetName, (alert: Alert) => object>> = {
  webhook: alertMessage,
  slack: slackMessage,
};

/**
 * Puts an alert into the outbox of each webhook that is configured. Once more
 * gives it the same `Idempotency-Key` once more.
 *
 * @throws {OutboxFullError} Where one has no room.
 */
export async function sendAlert(
  bindings: Pick<Bindings, "OUTBOX">,
  alert: Alert,
  { jsonTargets }: Pick<Settings, "jsonTargets">,
): Promise<void> {
  for (const { name } of jsonTargets) {
    const message = MESSAGES[name];
    if (message === undefined) continue;
    await storeJson(bindings, {
      tenant: alert.tenant,
      target: name,
      json: JSON.stringify(message(alert)),
      idempotencyKey: alertKey(alert),
    });
  }
}
