import type { ByteReader } from "../codec/byte_reader.ts";
import { HOUR_MINUTES } from "./hour_series.ts";
import {
  LATENCY_COLUMNS,
  type LatencySeries,
  type RequestSeries,
} from "./map_series.ts";
import type { HourForm } from "./packed_form.ts";
import { meanNs, QUANTILE_STEPS } from "./rounded_latency.ts";

/** Minutes that one number of 32 bits tells of. */
export const HALF_HOUR = HOUR_MINUTES / 2;

/** Reads series of an hour, to where its minutes go. */
export class HourReader {
  readonly #reader: ByteReader;
  readonly #form: HourForm;
  readonly #places: Int32Array;
  /** Of the minutes that have requests, where they go. */
  readonly #present = new Int32Array(HOUR_MINUTES);
  readonly #values = new Float64Array(HOUR_MINUTES);
  #count = 0;

  /** @param places Where each minute of the hour goes to; -1: nowhere. */
  constructor(
    reader: ByteReader,
    { form, places }: {
      readonly form: HourForm;
      readonly places: Int32Array;
    },
  ) {
    this.#reader = reader;
    this.#form = form;
    this.#places = places;
  }

  /** Reads requests. */
  requests(series: RequestSeries): void {
    this.latency(series);
    if (this.#hasFailed()) this.#put(series.failed);
  }

  /** Reads how many requests there are, and steps over all else of them. */
  requestCounts(count: Float32Array | null): void {
    this.latencyCounts(count);
    this.#hasFailed();
  }

  /** Reads how many requests there are, and steps over how long they took. */
  latencyCounts(count: Float32Array | null): void {
    this.#readCounts(count);
    for (let column = 1; column < LATENCY_COLUMNS.length; column++) {
      this.#form.skipSteps(this.#values, this.#count);
    }
  }

  /** Gives what was read last into one column to another one. */
  repeatColumn(from: Float32Array, to: Float32Array): void {
    for (let at = 0; at < this.#count; at++) {
      const place = this.#present[at] ?? -1;
      if (place >= 0) to[place] = from[place] ?? 0;
    }
  }

  /** Gives a series what was read last into another one. */
  repeat(from: LatencySeries, to: LatencySeries): void {
    for (const column of LATENCY_COLUMNS) {
      this.repeatColumn(from[column], to[column]);
    }
  }

  /** Reads how long requests took. */
  latency(series: LatencySeries): void {
    this.#readCounts(series.count);
    this.#form.steps(this.#values, this.#count);
    this.#putSums(series);
    for (const quantile of [series.p50, series.p95, series.p99]) {
      this.#form.steps(this.#values, this.#count);
      this.#putQuantile(quantile);
    }
  }

  #readCounts(count: Float32Array | null): void {
    this.#readPresent();
    this.#form.numbers(this.#values, this.#count);
    if (count !== null) this.#put(count);
  }

  /** Reads failures, where there are any. */
  #hasFailed(): boolean {
    if (this.#count === 0) return false;
    const kind = this.#reader.byte();
    if (kind > 1) throw new RangeError(`Cannot read failures of kind ${kind}`);
    if (kind === 1) this.#form.numbers(this.#values, this.#count);
    return kind === 1;
  }

  #readPresent(): void {
    this.#count = 0;
    for (let from = 0; from < HOUR_MINUTES; from += HALF_HOUR) {
      const bits = this.#reader.uint32();
      if (bits >= 2 ** HALF_HOUR) {
        throw new RangeError(`Cannot read the minutes "${bits}"`);
      }
      for (let at = 0; at < HALF_HOUR; at++) {
        if ((bits >>> at & 1) === 0) continue;
        this.#present[this.#count++] = this.#places[from + at] ?? -1;
      }
    }
  }

  #put(column: Float32Array): void {
    for (let at = 0; at < this.#count; at++) {
      const place = this.#present[at] ?? -1;
      if (place >= 0) column[place] = this.#values[at] ?? 0;
    }
  }

  #putSums({ count, sumNs }: LatencySeries): void {
    for (let at = 0; at < this.#count; at++) {
      const place = this.#present[at] ?? -1;
      if (place < 0) continue;
      sumNs[place] = (count[place] ?? 0) * meanNs(this.#values[at] ?? 0);
    }
  }

  #putQuantile(quantile: Float32Array): void {
    for (let at = 0; at < this.#count; at++) {
      const place = this.#present[at] ?? -1;
      if (place < 0) continue;
      quantile[place] = (this.#values[at] ?? 0) / QUANTILE_STEPS;
    }
  }
}
