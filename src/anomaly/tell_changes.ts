import { type AlertType } from "../alerts/alert.ts";
import { watchAnomaly } from "../alerts/watch_anomaly.ts";
import type { Bindings } from "../bindings.ts";
import { MAX_CHANGES_PER_ALARM } from "./anomaly_limits.ts";
import { tellOfAnomaly } from "../live/tell_news.ts";
import { writeAnomaly } from "./anomaly_store.ts";
import type { ChangeBook, WaitingChange } from "./change_book.ts";

/** Who is told, and when. */
export interface TellOptions {
  readonly changes: ChangeBook;
  readonly tenant: string;
  /** ms since the epoch. */
  readonly nowMs: number;
  /** Whether somebody listens to what changes. @default {false} */
  readonly isHeard?: boolean;
}

/**
 * Writes the anomalies that wait to D1, then has those explained and told of
 * that were raised or have ended; `MAX_CHANGES_PER_ALARM` at the most.
 *
 * @throws {Error} With what D1 or the correlator threw: what failed goes on
 *   waiting.
 */
export async function tellChanges(
  bindings: Bindings,
  { changes, tenant, nowMs, isHeard = false }: TellOptions,
): Promise<void> {
  const faults: unknown[] = [];
  for (const change of changes.first(MAX_CHANGES_PER_ALARM)) {
    try {
      const stored = { anomaly: change.anomaly, candidates: null };
      await writeAnomaly(bindings.DB, stored, { tenant, nowMs });
      const { id } = change.anomaly;
      const told = typesOf(change).map((type) => ({ id, type }));
      // Who has it explained tells the listeners, too.
      if (told.length > 0) await watchAnomaly(bindings, tenant, told);
      else if (isHeard) await tellOfAnomaly(bindings, tenant, id);
      changes.done(change);
    } catch (error) {
      changes.failed(change);
      faults.push(error);
    }
  }
  if (faults.length > 0) {
    throw new Error(
      `Cannot tell of ${faults.length} anomalies; they go on waiting`,
      { cause: faults[0] },
    );
  }
}

function typesOf({ raised, ended }: WaitingChange): readonly AlertType[] {
  return [
    ...(raised ? ["anomaly.raised"] as const : []),
    ...(ended ? ["anomaly.ended"] as const : []),
  ];
}
