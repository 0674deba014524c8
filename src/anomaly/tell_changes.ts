import type { Bindings } from "../bindings.ts";
import { logFault } from "../http/log.ts";
import { readSettings } from "../settings.ts";
import type { Candidate } from "./anomaly.ts";
import type { AnomalyContext, AnomalyHooks } from "./anomaly_hooks.ts";
import { MAX_CHANGES_PER_ALARM, MAX_HOOK_ATTEMPTS } from "./anomaly_limits.ts";
import { writeAnomaly } from "./anomaly_store.ts";
import type { ChangeBook, WaitingChange } from "./change_book.ts";

/** Who is told, and when. */
export interface TellOptions {
  readonly changes: ChangeBook;
  readonly hooks: AnomalyHooks;
  readonly tenant: string;
  /** ms since the epoch. */
  readonly nowMs: number;
}

/**
 * Writes the anomalies that wait to D1, with what may be behind them, then has
 * follow what follows; `MAX_CHANGES_PER_ALARM` at the most.
 *
 * @throws {Error} With what D1 or a hook threw: what failed goes on waiting.
 */
export async function tellChanges(
  bindings: Bindings,
  { changes, hooks, tenant, nowMs }: TellOptions,
): Promise<void> {
  const waiting = changes.first(MAX_CHANGES_PER_ALARM);
  if (waiting.length === 0) return;
  const context = { tenant, nowMs, settings: readSettings(bindings) };
  const faults: unknown[] = [];
  for (const change of waiting) {
    try {
      await tell(bindings, change, { hooks, context });
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

async function tell(
  bindings: Bindings,
  change: WaitingChange,
  { hooks, context }: {
    readonly hooks: AnomalyHooks;
    readonly context: AnomalyContext;
  },
): Promise<void> {
  const { anomaly, raised, ended, attempts } = change;
  const isLastTry = attempts + 1 >= MAX_HOOK_ATTEMPTS;
  const candidates = raised
    ? await unlessLost<readonly Candidate[]>(
      hooks.findCandidates?.(bindings, anomaly, context),
      { isLastTry, otherwise: null },
    )
    : null;
  const stored = { anomaly, candidates };
  await writeAnomaly(bindings.DB, stored, context);
  if (raised) {
    await unlessLost(hooks.onRaised?.(bindings, stored, context), {
      isLastTry,
      otherwise: null,
    });
  }
  if (ended) {
    await unlessLost(hooks.onEnded?.(bindings, stored, context), {
      isLastTry,
      otherwise: null,
    });
  }
}

/** What a hook says; at the last try it may fail. */
async function unlessLost<Result>(
  work: Promise<Result> | undefined,
  { isLastTry, otherwise }: {
    readonly isLastTry: boolean;
    readonly otherwise: null;
  },
): Promise<Result | null> {
  try {
    return await work ?? otherwise;
  } catch (error) {
    if (!isLastTry) throw error;
    logFault("anomaly_hook_given_up", error);
    return otherwise;
  }
}
