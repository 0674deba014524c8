import type { SeededRandom } from "../../src/local/seeded_random.ts";
import type { Histogram } from "../../src/map/histogram.ts";
import { virtualNode } from "../../src/map/node_identity.ts";
import { keepSample } from "../../src/map/sample.ts";
import {
  emptyWindow,
  type ServiceWindow,
} from "../../src/map/service_window.ts";
import { edgeOf } from "../../src/map/window_entries.ts";

export const DAY_MINUTES = 1440;
/** The service that all of it is about. */
export const SERVICE = "cart";

/** What a callee is like, on a day when nothing happens. */
export interface Callee {
  readonly name: string;
  /** Calls a minute, on the average of the day. */
  readonly rate: number;
  /** Median latency, ms. */
  readonly ms: number;
  /** Standard deviation of the latency's natural logarithm. */
  readonly sigma: number;
  /** Share of calls that fail. */
  readonly errors: number;
}

/** What goes wrong on one edge; minutes since the start of the traffic. */
export interface Fault {
  readonly callee: string;
  readonly from: number;
  readonly to: number;
  /** Times as slow. */
  readonly slower?: number;
  /** Share of calls that fail beyond the others. */
  readonly errors?: number;
  /** The callee is gone: its callers time out, and it sends no span. */
  readonly dead?: boolean;
}

/** How a service's day is; nothing of it is a fault. */
export interface Nature {
  readonly callees: readonly Callee[];
  /** Rate and latency are at their peak above the trough by e^(2 × this). */
  readonly rateRhythm: number;
  readonly latencyRhythm: number;
  /** What all requests of one minute have in common, as sigma. */
  readonly minuteNoise: number;
  /** How much of a minute's noise the next one inherits, 0 to 1. */
  readonly inherited: number;
  /** Chance that a burst begins in a minute: slower, and errors, 1-3 minutes. */
  readonly bursts: number;
}

/** A nature drawn at random: 1 to 6 callees, quiet ones and busy ones. */
export function drawnNature(random: SeededRandom): Nature {
  const callees = Array.from({ length: 1 + random.below(6) }, (_, at) => ({
    name: `callee ${at}`,
    rate: [2, 10, 25, 60, 150, 400][random.below(6)] ?? 60,
    ms: random.logNormal(20, 1),
    sigma: 0.3 + 0.6 * random.fraction(),
    errors: [0, 0.0005, 0.002, 0.01, 0.03][random.below(5)] ?? 0,
  }));
  return {
    callees,
    rateRhythm: 0.6 * random.fraction(),
    latencyRhythm: 0.3 * random.fraction(),
    minuteNoise: 0.03 + 0.12 * random.fraction(),
    inherited: 0.7 * random.fraction(),
    bursts: 0.003,
  };
}

interface EdgeWeather {
  noise: number;
  burst: number;
}

/** Minutes of one service's traffic, the same for the same seed. */
export class Traffic {
  readonly #nature: Nature;
  readonly #random: SeededRandom;
  readonly #weather = new Map<string, EdgeWeather>();
  readonly #peak: number;
  #minute = 0;

  constructor(nature: Nature, random: SeededRandom) {
    this.#nature = nature;
    this.#random = random;
    this.#peak = random.fraction();
  }

  /** The next minute. */
  next(faults: readonly Fault[] = []): ServiceWindow {
    const minute = this.#minute++;
    const window = emptyWindow();
    const rhythm = Math.sin(2 * Math.PI * (minute / DAY_MINUTES + this.#peak));
    for (const callee of this.#nature.callees) {
      const fault = faults.find(({ callee: name, from, to }) =>
        name === callee.name && minute >= from && minute < to
      );
      this.#call(window, { callee, rhythm, minute, fault });
    }
    return window;
  }

  #call(window: ServiceWindow, { callee, rhythm, minute, fault }: {
    readonly callee: Callee;
    readonly rhythm: number;
    readonly minute: number;
    readonly fault: Fault | undefined;
  }): void {
    const random = this.#random;
    const { minuteNoise, inherited, latencyRhythm, rateRhythm } = this.#nature;
    const weather = this.#weather.get(callee.name) ?? { noise: 0, burst: 0 };
    this.#weather.set(callee.name, weather);
    weather.noise = inherited * weather.noise +
      Math.sqrt(1 - inherited ** 2) * this.#normal(minuteNoise);
    if (weather.burst > 0) weather.burst--;
    else if (random.chance(this.#nature.bursts)) {
      weather.burst = 1 + random.below(3);
    }
    const isBurst = weather.burst > 0;
    const median = callee.ms * 1e6 * Math.exp(
      latencyRhythm * rhythm + weather.noise + (isBurst ? 1.2 : 0),
    ) * (fault?.slower ?? 1);
    const errors = callee.errors * Math.exp(this.#normal(0.5)) +
      (isBurst ? 0.1 : 0) + (fault?.errors ?? 0);
    const calls = this.#poisson(
      callee.rate * Math.exp(rateRhythm * rhythm + this.#normal(0.08)),
    );
    if (calls === 0) return;
    const isDead = fault?.dead === true;
    const edge = edgeOf(window, {
      from: virtualNode(SERVICE),
      to: virtualNode(isDead ? `${callee.name}.svc` : callee.name),
      connectionType: isDead ? "virtual_node" : "",
      system: "",
      destination: "",
    });
    for (let call = 0; call < calls; call++) {
      const failed = isDead || random.chance(errors);
      const durationNs = isDead ? 1e9 : random.logNormal(median, callee.sigma);
      this.#count(window, edge.latency, { durationNs, failed });
      if (failed) edge.failed++;
      if (call >= 4 && !failed) continue;
      const endMs = minute * 60_000 + call;
      const traceId = `${minute}`.padStart(31, "0") + call;
      keepSample(edge.samples, { traceId, durationNs, failed, endMs });
    }
  }

  // What a call takes, the request that it is made for takes, and more.
  #count(
    window: ServiceWindow,
    latency: Histogram,
    { durationNs, failed }: { durationNs: number; failed: boolean },
  ): void {
    latency.record(durationNs, 1);
    window.entries.duration.record(durationNs + 5e6, 1);
    if (failed) window.entries.failed++;
  }

  #normal(sigma: number): number {
    return Math.log(this.#random.logNormal(1, sigma));
  }

  #poisson(mean: number): number {
    if (mean > 60) {
      return Math.max(0, Math.round(mean + this.#normal(Math.sqrt(mean))));
    }
    const limit = Math.exp(-mean);
    let product = this.#random.fraction();
    let count = 0;
    while (product > limit) {
      product *= this.#random.fraction();
      count++;
    }
    return count;
  }
}
