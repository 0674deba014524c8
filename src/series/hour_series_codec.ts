import { ByteReader } from "../codec/byte_reader.ts";
import { ByteWriter } from "../codec/byte_writer.ts";
import type { ConnectionType } from "../map/service_window.ts";
import { type EdgeName, HOUR_MINUTES, type HourSeries } from "./hour_series.ts";
import type { LatencySeries, RequestSeries } from "./map_series.ts";

/** Steps of a doubling that a quantile is rounded to: 1 % of latency. */
export const QUANTILE_STEPS = 64;
/** Steps of a doubling that a mean is rounded to: 0.07 %. */
export const MEAN_STEPS = 1024;

const VERSION = 1;
const LATENCY_COLUMNS = ["count", "sumNs", "p50", "p95", "p99"] as const;
const HALF_HOUR = HOUR_MINUTES / 2;
const CONNECTION_TYPES: readonly ConnectionType[] = [
  "",
  "messaging_system",
  "database",
  "virtual_node",
];

/** Where the minutes of an hour are read to. */
export interface HourTarget {
  readonly entries: RequestSeries;
  readonly roots: RequestSeries;
  /** An edge's series; null: it is left out. */
  readonly edge: (name: EdgeName) => {
    readonly calls: RequestSeries;
    readonly client: LatencySeries;
  } | null;
  /** Where each minute of the hour goes to in the series; -1: nowhere. */
  readonly places: Int32Array;
}

/**
 * Packs an hour: of each series a bit for each minute, then, for minutes with
 * requests, one column after the other, each value as the difference to the
 * one before. Some 14 bytes a minute of an edge whose two ends tell of it, and
 * 7 of another.
 */
export function encodeHourSeries(
  { entries, roots, edges }: HourSeries,
): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  writer.byte(VERSION);
  writeRequests(writer, entries);
  writeRequests(writer, roots);
  writer.varint(edges.length);
  for (const { id, from, to, connectionType, calls, client } of edges) {
    writer.string(id);
    writer.string(from);
    writer.string(to);
    writer.byte(CONNECTION_TYPES.indexOf(connectionType));
    writeRequests(writer, calls);
    // Of a call that only its caller told of, both are the same.
    const isSame = isSameLatency(calls, client);
    writer.byte(isSame ? 1 : 0);
    if (!isSame) writeLatency(writer, client);
  }
  return writer.finish();
}

function isSameLatency(one: LatencySeries, other: LatencySeries): boolean {
  return LATENCY_COLUMNS.every((column) =>
    one[column].every((value, minute) =>
      Object.is(value, other[column][minute])
    )
  );
}

function writeRequests(writer: ByteWriter, series: RequestSeries): void {
  const minutes = writeLatency(writer, series);
  if (minutes.length === 0) return;
  const any = minutes.some((minute) => series.failed[minute] !== 0);
  writer.byte(any ? 1 : 0);
  if (!any) return;
  for (const minute of minutes) writer.number(series.failed[minute] ?? 0);
}

function writeLatency(writer: ByteWriter, series: LatencySeries): number[] {
  const minutes = Array.from(series.count.keys())
    .filter((minute) => (series.count[minute] ?? 0) > 0);
  for (const from of [0, HALF_HOUR]) {
    const bits = minutes
      .filter((minute) => minute >= from && minute < from + HALF_HOUR)
      .reduce((sum, minute) => sum + 2 ** (minute - from), 0);
    writer.uint32(bits);
  }
  for (const minute of minutes) writer.number(series.count[minute] ?? 0);
  writeColumn(writer, minutes, (minute) => {
    const mean = (series.sumNs[minute] ?? 0) / (series.count[minute] ?? 1);
    return Math.log2(Math.max(1, mean)) * MEAN_STEPS;
  });
  for (const quantile of [series.p50, series.p95, series.p99]) {
    writeColumn(
      writer,
      minutes,
      (minute) => (quantile[minute] ?? 0) * QUANTILE_STEPS,
    );
  }
  return minutes;
}

function writeColumn(
  writer: ByteWriter,
  minutes: readonly number[],
  valueAt: (minute: number) => number,
): void {
  let before = 0;
  for (const minute of minutes) {
    const value = Math.round(valueAt(minute));
    writer.signed(value - before);
    before = value;
  }
}

/**
 * Reads an hour into series.
 *
 * @returns How many minutes of edges it has.
 * @throws {RangeError} Where the bytes are not what `encodeHourSeries` made;
 *   then some of it may have been read.
 */
export function decodeHourSeries(
  bytes: Uint8Array,
  { entries, roots, edge, places }: HourTarget,
): number {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version !== VERSION) {
    throw new RangeError(`Cannot read an hour of version ${version}`);
  }
  const hour = new HourReader(reader, places);
  hour.requests(entries);
  hour.requests(roots);
  let minutes = 0;
  for (let left = reader.varint(); left > 0; left--) {
    const [id, from, to] = [reader.string(), reader.string(), reader.string()];
    const connectionType = CONNECTION_TYPES[reader.byte()];
    if (connectionType === undefined) {
      throw new RangeError(`Cannot read what "${id}" is`);
    }
    const series = edge({ id, from, to, connectionType });
    minutes += hour.requests(series?.calls ?? null);
    const kind = reader.byte();
    if (kind > 1) throw new RangeError(`Cannot read a client of kind ${kind}`);
    if (kind === 0) hour.latency(series?.client ?? null);
    else if (series !== null) hour.repeat(series.calls, series.client);
  }
  if (!reader.done) {
    throw new RangeError(`Cannot read what is left at ${reader.at}`);
  }
  return minutes;
}

/** Reads series of an hour, to where its minutes go. */
class HourReader {
  readonly #reader: ByteReader;
  readonly #places: Int32Array;
  /** Of the minutes that have requests, where they go. */
  readonly #present = new Int32Array(HOUR_MINUTES);
  readonly #steps = new Float64Array(HOUR_MINUTES);
  #count = 0;

  constructor(reader: ByteReader, places: Int32Array) {
    this.#reader = reader;
    this.#places = places;
  }

  /** @returns How many minutes have requests. */
  requests(series: RequestSeries | null): number {
    const count = this.latency(series);
    if (count === 0) return 0;
    const kind = this.#reader.byte();
    if (kind > 1) throw new RangeError(`Cannot read failures of kind ${kind}`);
    if (kind === 0) return count;
    for (let at = 0; at < count; at++) {
      const failed = this.#reader.number();
      const place = this.#present[at] ?? -1;
      if (series !== null && place >= 0) series.failed[place] = failed;
    }
    return count;
  }

  /** Gives a series what was read last into another one. */
  repeat(from: LatencySeries, to: LatencySeries): void {
    for (const column of LATENCY_COLUMNS) {
      const [values, copies] = [from[column], to[column]];
      for (let at = 0; at < this.#count; at++) {
        const place = this.#present[at] ?? -1;
        if (place >= 0) copies[place] = values[place] ?? 0;
      }
    }
  }

  /** @returns How many minutes have requests. */
  latency(series: LatencySeries | null): number {
    this.#readPresent();
    const counts = series?.count ?? null;
    for (let at = 0; at < this.#count; at++) {
      const value = this.#reader.number();
      const place = this.#present[at] ?? -1;
      if (counts !== null && place >= 0) counts[place] = value;
    }
    this.#readSums(series);
    this.#readQuantile(series?.p50 ?? null);
    this.#readQuantile(series?.p95 ?? null);
    this.#readQuantile(series?.p99 ?? null);
    return this.#count;
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

  #readSums(series: LatencySeries | null): void {
    const steps = this.#column();
    if (series === null) return;
    let sum = 0;
    for (let at = 0; at < this.#count; at++) {
      sum += steps[at] ?? 0;
      const place = this.#present[at] ?? -1;
      if (place < 0) continue;
      series.sumNs[place] = (series.count[place] ?? 0) *
        2 ** (sum / MEAN_STEPS);
    }
  }

  #readQuantile(quantile: Float32Array | null): void {
    const steps = this.#column();
    if (quantile === null) return;
    let sum = 0;
    for (let at = 0; at < this.#count; at++) {
      sum += steps[at] ?? 0;
      const place = this.#present[at] ?? -1;
      if (place >= 0) quantile[place] = sum / QUANTILE_STEPS;
    }
  }

  #column(): Float64Array {
    this.#reader.signedColumn(this.#steps, this.#count);
    return this.#steps;
  }
}
