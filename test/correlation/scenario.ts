import type { EdgeSeries } from "../../src/correlation/edge_series.ts";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import { Histogram } from "../../src/map/histogram.ts";

const DAY_MINUTES = 1440;

/** What a drift of a scenario does, by kind; each is known truth. */
export const DRIFT_KINDS = {
  harmless: {},
  timeout: { factor: 4, errors: 0.3 },
  slower_20_percent: { factor: 1.2 },
  errors_1_percent: { errors: 0.01 },
  errors_5_percent: { errors: 0.05 },
  p99_only: { tail: 0.02 },
  slow_for_all_callers: { factor: 2, edges: 5 },
  after_4_minutes: { factor: 2, delay: 4 },
  for_5_minutes: { factor: 2, length: 5 },
  two_requests_a_minute: { factor: 3, perMinute: 2 },
  earlier_incident: { factor: 2, delay: -25 },
  no_data: { perMinute: 0 },
} as const satisfies Record<string, DriftEffect>;

interface DriftEffect {
  readonly factor?: number;
  readonly errors?: number;
  readonly tail?: number;
  readonly edges?: number;
  readonly delay?: number;
  readonly length?: number;
  readonly perMinute?: number;
}

/** The name of a kind of drift. */
export type DriftKind = keyof typeof DRIFT_KINDS;

/** A day of five edges; the drift is at minute 1320. */
export const DRIFT_MINUTE = 1320;

/** The edges in the blast radius of one drift of a known kind. */
export function scenario(kind: DriftKind, seed: number): EdgeSeries[] {
  const random = new SeededRandom(seed);
  const effect: DriftEffect = DRIFT_KINDS[kind];
  return Array.from(
    { length: 5 },
    (_, index) =>
      edge(index, {
        random,
        effect: index < (effect.edges ?? 1) ? effect : {
          perMinute: effect.perMinute ?? 20 + random.below(30),
        },
      }),
  );
}

function edge(
  index: number,
  { random, effect }: { random: SeededRandom; effect: DriftEffect },
): EdgeSeries {
  const series = {
    id: `edge-${index}`,
    from: `caller-${index}`,
    to: "callee",
    count: new Float64Array(DAY_MINUTES),
    failed: new Float64Array(DAY_MINUTES),
    p50: new Float64Array(DAY_MINUTES).fill(Number.NaN),
    p95: new Float64Array(DAY_MINUTES).fill(Number.NaN),
    latency: [],
  };
  const level = random.logNormal(80e6, 0.5);
  const usual = effect.perMinute ?? 20 + random.below(30);
  const phase = random.fraction();
  const from = DRIFT_MINUTE + (effect.delay ?? 0);
  const to = from + (effect.length ?? DAY_MINUTES);
  let shared = 0;
  for (let minute = 0; minute < DAY_MINUTES; minute++) {
    const rhythm = Math.sin(2 * Math.PI * (minute / DAY_MINUTES + phase));
    // Requests of one minute move together, and minutes follow each other.
    shared = 0.7 * shared + 0.06 * Math.log(random.logNormal(1, 1));
    const burst = random.chance(0.005) ? 3 : 1;
    const mean = usual * (1 + 0.5 * rhythm) * burst;
    const count = Math.floor(
      mean * random.logNormal(1, 0.2) + random.fraction(),
    );
    const drifted = minute >= from && minute < to;
    const median = level * (1 + 0.15 * rhythm) * Math.exp(shared) *
      (drifted ? effect.factor ?? 1 : 1);
    const errors = 0.001 + (drifted ? effect.errors ?? 0 : 0);
    const latency = new Histogram();
    for (let request = 0; request < count; request++) {
      const slow = drifted && random.chance(effect.tail ?? 0) ? 8 : 1;
      latency.record(slow * random.logNormal(median, 0.4), 1);
      if (random.chance(errors)) {
        series.failed[minute] = (series.failed[minute] ?? 0) + 1;
      }
    }
    series.count[minute] = count;
    if (count === 0) continue;
    const [p50, p95] = latency.quantiles(0.5, 0.95);
    series.p50[minute] = Math.log2(p50);
    series.p95[minute] = Math.log2(p95);
  }
  return series;
}
