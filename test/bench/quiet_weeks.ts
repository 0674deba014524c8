import type { Anomaly } from "../../src/anomaly/anomaly.ts";
import { detect } from "../../src/anomaly/detect.ts";
import { emptyDetector } from "../../src/anomaly/detector_state.ts";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import {
  DAY_MINUTES,
  drawnNature,
  SERVICE,
  Traffic,
} from "../anomaly/traffic.ts";

const DAYS_PER_WEEK = 7;

/** How many quiet services are watched, for how long. */
export interface QuietOptions {
  readonly services: number;
  readonly days: number;
  readonly firstSeed: number;
}

/** What was raised though nothing was wrong. */
export interface QuietWeeks {
  readonly serviceWeeks: number;
  readonly raised: number;
  readonly perServiceWeek: number;
  /** By metric, baseline and place. */
  readonly by: Readonly<Record<string, number>>;
  /** What judging one minute took, ms. */
  readonly minuteMs: { readonly median: number; readonly p99: number };
}

/** Watches services with all their rhythm and noise, and no fault. */
export function quietWeeks(
  { services, days, firstSeed }: QuietOptions,
): QuietWeeks {
  const times: number[] = [];
  const raised: Anomaly[] = [];
  for (let service = 0; service < services; service++) {
    const random = new SeededRandom(firstSeed + service);
    const traffic = new Traffic(drawnNature(random), random);
    let state = emptyDetector();
    for (let minute = 0; minute < days * DAY_MINUTES; minute++) {
      const window = traffic.next();
      const start = performance.now();
      const detected = detect(state, window, { minute, service: SERVICE });
      times.push(performance.now() - start);
      state = detected.state;
      raised.push(...detected.raised);
    }
  }
  const by: Record<string, number> = {};
  for (const { metric, baselineSource, edge } of raised) {
    const place = edge === null ? "served" : "edge";
    const key = `${metric} ${baselineSource} ${place}`;
    by[key] = (by[key] ?? 0) + 1;
  }
  const serviceWeeks = services * days / DAYS_PER_WEEK;
  const sorted = times.toSorted((a, b) => a - b);
  return {
    serviceWeeks,
    raised: raised.length,
    perServiceWeek: raised.length / serviceWeeks,
    by,
    minuteMs: {
      median: sorted[sorted.length >> 1] ?? 0,
      p99: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
    },
  };
}
