import { readAnomaly, writeCandidates } from "../anomaly/anomaly_store.ts";
import type { Anomaly, Candidate } from "../anomaly/anomaly.ts";
import type { Bindings } from "../bindings.ts";
import { findCandidates } from "../correlation_report/anomaly_incident.ts";
import { logFault } from "../http/log.ts";
import type { GraphAsked } from "../resources/load_resource_graph.ts";
import type { Settings } from "../settings.ts";
import type { AlertType } from "./alert.ts";
import { sendAlert } from "./send_alert.ts";

/** Attempts at explaining an anomaly before people are told without. */
export const MAX_EXPLAIN_ATTEMPTS = 2;

/** Which anomaly, and what became of it. */
export interface AnomalyChange {
  readonly id: string;
  readonly type: AlertType;
}

/** Whose it is, and how it is told. */
export interface TellAsked extends GraphAsked {
  readonly settings: Settings;
  /** How often it was tried before. */
  readonly attempts: number;
}

/**
 * Finds the changes that may be behind an anomaly, stores them with it, and
 * puts an alert into the outboxes of the webhooks. What it cannot explain is
 * told all the same, though later.
 *
 * @throws What D1, an object or an outbox threw: try again.
 */
export async function tellAnomaly(
  bindings: Bindings,
  { id, type }: AnomalyChange,
  asked: TellAsked,
): Promise<void> {
  const { tenant, settings, nowMs } = asked;
  const stored = await readAnomaly(bindings.DB, tenant, id);
  if (stored === null) return;
  const { anomaly } = stored;
  const found = await explain(bindings, anomaly, asked);
  if (found !== null) {
    await writeCandidates(bindings.DB, { tenant, id, candidates: found });
  }
  const candidates = found ?? stored.candidates;
  const alert = { type, tenant, timeMs: nowMs, anomaly, candidates };
  await sendAlert(bindings, alert, settings);
}

async function explain(
  bindings: Bindings,
  anomaly: Anomaly,
  asked: TellAsked,
): Promise<readonly Candidate[] | null> {
  try {
    return await findCandidates(bindings, anomaly, asked);
  } catch (error) {
    if (asked.attempts + 1 < MAX_EXPLAIN_ATTEMPTS) throw error;
    logFault("anomaly_not_explained", error, { anomaly: anomaly.id });
    return null;
  }
}
