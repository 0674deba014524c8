import type { Sample } from "../map/sample.ts";
import type { ServiceWindow } from "../map/service_window.ts";
import {
  type Anomaly,
  ANOMALY_METRICS,
  type AnomalyMetric,
} from "./anomaly.ts";
import {
  FORGOTTEN_MINUTES,
  HELD_MINUTES,
  LEARNING_MINUTES,
  MAX_LASTING_ANOMALIES,
  MAX_WATCHED_EDGES,
} from "./anomaly_limits.ts";
import { type Baseline, emptyBaseline, expected, learned } from "./baseline.ts";
import {
  type DetectorState,
  type Lasting,
  lastingCount,
  newlyWatched,
  type Watched,
} from "./detector_state.ts";
import { begun, followed, JUDGES } from "./follow.ts";
import { missedCalls } from "./missed_calls.ts";
import { observeWindow, type SeenInWindow, SERVED } from "./observe_window.ts";
import { callsOf, type Observation } from "./stretch.ts";

/** What a minute made of what is known, and what there is to tell. */
export interface Detected {
  readonly state: DetectorState;
  /** Anomalies that began in this minute. */
  readonly raised: readonly Anomaly[];
  /** Those that lasted and grew; and other rates of requests, new or not. */
  readonly updated: readonly Anomaly[];
  /** Those that have ended. */
  readonly ended: readonly Anomaly[];
}

/** Which minute of which service is judged. */
export interface JudgedMinute {
  /** Minutes since the epoch, after the one before. */
  readonly minute: number;
  /** `nodeId`. */
  readonly service: string;
}

/**
 * Judges one closed minute of a service: per edge and for what it serves, the
 * 95th percentile of the latency and the share of errors against what they
 * were. What is off for `HELD_MINUTES` is raised; another rate of requests is
 * recorded. While an anomaly lasts, nothing is learned from its edge.
 *
 * @param window What happened; an empty window is a minute without requests.
 *
 * @example An hour is learned, then calls begin to fail
 * ```ts
 * import { detect } from "../src/anomaly/detect.ts";
 * import { emptyDetector } from "../src/anomaly/detector_state.ts";
 * import { emptyWindow } from "../src/map/service_window.ts";
 *
 * let state = emptyDetector();
 * const raised: number[] = [];
 * for (let minute = 0; minute < 120; minute++) {
 *   const window = emptyWindow();
 *   window.entries.duration.record(20e6, 200);
 *   if (minute >= 100) window.entries.failed = 20;
 *   const detected = detect(state, window, { minute, service: "cart" });
 *   state = detected.state;
 *   if (detected.raised.length > 0) raised.push(minute);
 * }
 * expect(raised).toEqual([104]);
 * ```
 */
export function detect(
  state: DetectorState,
  window: Readonly<ServiceWindow>,
  { minute, service }: JudgedMinute,
): Detected {
  const serves = state.serves || window.entries.duration.count > 0;
  const seen = observeWindow(window, { minute, service, serves });
  const before = new Map(state.watched);
  // What its root spans took says nothing of the requests that it serves.
  if (serves !== state.serves) before.delete(SERVED);
  const known = withNew(before, seen, minute);
  const missed = missedCalls(known, seen, minute);
  const standIns = new Set(
    [...missed.values()].flatMap(({ standIns: ids }) => ids),
  );
  const told: Told = { raised: [], updated: [], ended: [] };
  const room = { left: MAX_LASTING_ANOMALIES - lastingCount(state) };
  const isSilent = [...seen.values()]
    .every(({ observation }) => observation.count <= 0);
  const isLeap = state.minute >= 0 && minute !== state.minute + 1;
  const watched = new Map<string, Watched>();
  for (const [id, one] of known) {
    const here = seen.get(id);
    if (isForgotten(one, minute)) continue;
    if (standIns.has(id)) {
      // Were it learned, its failing would be what is to be expected.
      watched.set(id, { ...one, sinceMinute: minute, heardMinute: minute });
      continue;
    }
    const lost = missed.get(id);
    const quiet = { minute, count: 0, failed: 0, missed: 0, p95: Number.NaN };
    const own = here?.observation ?? quiet;
    const observation = lost === undefined ? own : {
      ...own,
      missed: lost.calls,
      failed: own.failed + lost.failed,
    };
    watched.set(
      id,
      advanced(isLeap ? { ...one, stretch: [] } : one, {
        observation,
        service,
        isSilent,
        room,
        told,
        samples: () => [
          ...here?.samples() ?? [],
          ...(lost?.standIns ?? []).flatMap((standIn) =>
            seen.get(standIn)?.samples() ?? []
          ),
        ],
      }),
    );
  }
  return { state: { minute, serves, watched }, ...told };
}

interface Told {
  readonly raised: Anomaly[];
  readonly updated: Anomaly[];
  readonly ended: Anomaly[];
}

function withNew(
  watched: ReadonlyMap<string, Watched>,
  seen: ReadonlyMap<string, SeenInWindow>,
  minute: number,
): ReadonlyMap<string, Watched> {
  const all = new Map(watched);
  for (const [id, { edge, observation }] of seen) {
    if (all.has(id) || observation.count <= 0) continue;
    // What the service serves has a place of its own.
    const edges = all.size - (all.has(SERVED) ? 1 : 0);
    if (id !== SERVED && edges >= MAX_WATCHED_EDGES) continue;
    all.set(id, newlyWatched(edge, minute));
  }
  return all;
}

function isForgotten(watched: Watched, minute: number): boolean {
  return watched.lasting.length === 0 &&
    minute - watched.heardMinute >= FORGOTTEN_MINUTES;
}

interface MinuteContext {
  readonly observation: Observation;
  readonly service: string;
  /** Whether nothing at all was seen of the service. */
  readonly isSilent: boolean;
  /** Anomalies that may still begin. */
  readonly room: { left: number };
  readonly told: Told;
  readonly samples: () => readonly Sample[];
}

function advanced(before: Watched, context: MinuteContext): Watched {
  const { observation } = context;
  const { minute } = observation;
  const [oldest] = before.stretch;
  const isFull = before.stretch.length >= HELD_MINUTES;
  const watched: Watched = {
    ...before,
    heardMinute: callsOf(observation) > 0 ? minute : before.heardMinute,
    stretch: [...before.stretch.slice(isFull ? 1 : 0), observation],
    baselines: isFull && oldest !== undefined
      ? learnedFrom(before, oldest)
      : before.baselines,
  };
  let { baselines } = watched;
  const lasting: Lasting[] = [];
  for (const metric of ANOMALY_METRICS) {
    const after = judged(watched, metric, context);
    if (after === null) continue;
    if (after.anomaly.endedMs === null) lasting.push(after);
    else if (after.anomaly.endReason === "new_normal") {
      baselines = { ...baselines, [metric]: emptyBaseline() };
    }
  }
  return { ...watched, baselines, lasting };
}

/** An anomaly of the metric after this minute; null where there is none. */
function judged(
  watched: Watched,
  metric: AnomalyMetric,
  { observation: { minute }, service, isSilent, room, told, samples }:
    MinuteContext,
): Lasting | null {
  const judge = JUDGES[metric];
  const usual = expected(watched.baselines[metric], judge.kind, minute);
  // A service that says nothing at all says nothing of its edges either.
  const all = usual === null || isSilent
    ? null
    : { stretch: watched.stretch, expected: usual };
  const sighting = { service, watched, metric, minute, samples };
  const before = watched.lasting.find((one) => one.anomaly.metric === metric);
  if (before !== undefined) {
    const { lasting, told: isTold } = followed(before, {
      ...sighting,
      judged: all,
    });
    const ended = lasting.anomaly.endedMs !== null;
    if (isTold) (ended ? told.ended : told.updated).push(lasting.anomaly);
    return lasting;
  }
  if (
    all === null || room.left <= 0 ||
    minute - watched.sinceMinute < LEARNING_MINUTES || !judge.begins(all)
  ) return null;
  room.left--;
  const lasting = begun({ ...sighting, judged: all });
  const isRaised = lasting.anomaly.raisedMs !== null;
  (isRaised ? told.raised : told.updated).push(lasting.anomaly);
  return lasting;
}

function learnedFrom(
  { baselines, lasting }: Watched,
  { minute, count, failed, missed, p95 }: Observation,
): Watched["baselines"] {
  const isFrozen = lasting.some(({ anomaly }) => anomaly.raisedMs !== null);
  const learn = (
    metric: AnomalyMetric,
    value: number,
    weight?: number,
  ): Baseline =>
    learned(baselines[metric], JUDGES[metric].kind, {
      minute,
      value,
      ...(weight === undefined ? {} : { weight }),
    });
  const isUsual = !isFrozen && count > 0 && missed <= 0;
  return {
    latency_p95: isUsual ? learn("latency_p95", p95) : baselines.latency_p95,
    error_rate: isUsual
      ? learn("error_rate", failed, count)
      : baselines.error_rate,
    request_rate: lasting.length === 0
      ? learn("request_rate", count)
      : baselines.request_rate,
  };
}
