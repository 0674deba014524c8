import type { StoredAnomaly } from "../anomaly/anomaly_store.ts";

/** What people are told of. */
export const ALERT_TYPES = ["anomaly.raised", "anomaly.ended"] as const;

/** Alerts of a tenant that are still to be told; beyond, the oldest go. */
export const MAX_DUE_ALERTS = 1000;

/** An anomaly was raised, or has ended. */
export type AlertType = (typeof ALERT_TYPES)[number];

/** Something that people want to know at once. */
export interface Alert extends StoredAnomaly {
  readonly type: AlertType;
  readonly tenant: string;
  /** ms since the epoch. */
  readonly timeMs: number;
}

/** The same for the same alert, however often it is made. */
export function alertKey({ type, tenant, anomaly }: Alert): string {
  return `tracecore/${encodeURIComponent(tenant)}/${type}/${
    encodeURIComponent(anomaly.id)
  }`;
}
