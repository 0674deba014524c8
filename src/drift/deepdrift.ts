import { type AirdigTarget, askAirdig } from "../airdig/ask_airdig.ts";
import type { Drift } from "./drift.ts";
import { MAX_DRIFT_BODY_BYTES } from "./drift_limits.ts";
import { readDrifts } from "./read_drifts.ts";

/** How long DeepDrift may take to answer, ms. */
export const DEEPDRIFT_TIMEOUT_MS = 5000;

/** An event of DeepDrift's, none, or what is wrong with it. */
export type DeepDriftAnswer =
  | { readonly ok: true; readonly drift: Drift | null }
  | { readonly ok: false; readonly reason: string };

/**
 * Asks DeepDrift for an event. Never throws.
 *
 * @param id As it was asked for here: the event is stored under that id.
 */
export async function askDeepDrift(
  target: AirdigTarget,
  id: string,
  { nowMs, timeoutMs = DEEPDRIFT_TIMEOUT_MS }: {
    readonly nowMs: number;
    readonly timeoutMs?: number;
  },
): Promise<DeepDriftAnswer> {
  const answer = await askAirdig(target, {
    path: `/api/v1/drifts/${encodeURIComponent(id.toWellFormed())}`,
    timeoutMs,
    maxBytes: MAX_DRIFT_BODY_BYTES,
  });
  if (!answer.ok) return answer;
  if (answer.found === null) return { ok: true, drift: null };
  const read = readDrifts(answer.found.json, nowMs);
  if (!read.ok) {
    const wrong = read.problems
      .map(({ parameter, problem }) => `${parameter} ${problem}`).join("; ");
    return { ok: false, reason: `it answered no drift event: ${wrong}` };
  }
  const [drift, ...others] = read.drifts;
  return drift === undefined || others.length > 0
    ? { ok: false, reason: "it answered several drift events, not one" }
    : { ok: true, drift: { ...drift, id } };
}
