import { ByteReader } from "../codec/byte_reader.ts";
import { ByteWriter } from "../codec/byte_writer.ts";
import type { ConnectionType } from "../map/service_window.ts";
import { firstForm } from "./first_form.ts";
import { HALF_HOUR, HourReader } from "./hour_reader.ts";
import { type HourForm, packedForm, sharedId } from "./packed_form.ts";
import type { EdgeName, HourSeries } from "./hour_series.ts";
import {
  type EdgeFigures,
  LATENCY_COLUMNS,
  type LatencySeries,
  type RequestSeries,
} from "./map_series.ts";
import { MEAN_STEPS, QUANTILE_STEPS } from "./rounded_latency.ts";

/** As `firstForm` reads it: rows of it are still stored. */
const FIRST_VERSION = 1;
const VERSION = 2;
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
  /** Where an edge goes to; null: it is left out. */
  readonly edge: (name: EdgeName) => HourEdgeTarget | null;
  /** Where each minute of the hour goes to in the series; -1: nowhere. */
  readonly places: Int32Array;
}

/** Where the minutes of an edge are read to. */
export interface HourEdgeTarget {
  /** Weighted requests, which are read at once. */
  readonly callCount: Float32Array;
  readonly clientCount: Float32Array;
  /** Takes what reads all else, and the same requests again. */
  readonly later: (read: (into: EdgeFigures) => void) => void;
}

/**
 * Packs an hour: of each series a bit for each minute, then, for minutes with
 * requests, one column after the other, each value in as few bits as the column
 * needs. Some 4 bytes a minute of an edge of which its caller alone tells, and
 * up to twice as many of another.
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
    writer.string(from);
    writer.string(to);
    // An id begins with both.
    const shared = sharedId({ from, to });
    const isShort = id.startsWith(shared);
    writer.byte(isShort ? 1 : 0);
    writer.string(isShort ? id.slice(shared.length) : id);
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
  writeColumn(writer, minutes, (minute) => series.failed[minute] ?? 0);
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
  writeColumn(writer, minutes, (minute) => series.count[minute] ?? 0);
  writeColumn(writer, minutes, (minute) => {
    const mean = (series.sumNs[minute] ?? 0) / (series.count[minute] ?? 1);
    return Math.round(Math.log2(Math.max(1, mean)) * MEAN_STEPS);
  });
  for (const quantile of [series.p50, series.p95, series.p99]) {
    writeColumn(
      writer,
      minutes,
      (minute) => Math.round((quantile[minute] ?? 0) * QUANTILE_STEPS),
    );
  }
  return minutes;
}

function writeColumn(
  writer: ByteWriter,
  minutes: readonly number[],
  valueAt: (minute: number) => number,
): void {
  writer.packedColumn(minutes.map(valueAt));
}

/**
 * Reads an hour into series: of edges, how many requests there are.
 *
 * @throws {RangeError} Where the bytes are not what `encodeHourSeries` made;
 *   then some of it may have been read.
 */
export function decodeHourSeries(
  bytes: Uint8Array,
  { entries, roots, edge, places }: HourTarget,
): void {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  const form = formOf(reader, version);
  const hour = new HourReader(reader, { form, places });
  hour.requests(entries);
  hour.requests(roots);
  for (let left = reader.varint(); left > 0; left--) {
    const name = form.name();
    const connectionType = CONNECTION_TYPES[reader.byte()];
    if (connectionType === undefined) {
      throw new RangeError(`Cannot read what "${name.id}" is`);
    }
    const target = edge({ ...name, connectionType });
    const start = reader.at;
    readCounts(reader, hour, target);
    // A copy: the other edges of the hour need not be held for it.
    const own = target && bytes.slice(start, reader.at);
    if (own) target.later((into) => readEdge({ own, version, places }, into));
  }
  if (!reader.done) {
    throw new RangeError(`Cannot read what is left at ${reader.at}`);
  }
}

function readCounts(
  reader: ByteReader,
  hour: HourReader,
  target: HourEdgeTarget | null,
): void {
  hour.requestCounts(target?.callCount ?? null);
  const isSame = reader.byte();
  if (isSame > 1) {
    throw new RangeError(`Cannot read a client of kind ${isSame}`);
  }
  if (isSame === 0) hour.latencyCounts(target?.clientCount ?? null);
  else if (target !== null) {
    hour.repeatColumn(target.callCount, target.clientCount);
  }
}

/** Reads an edge of which `readCounts` has read the same bytes. */
function readEdge(
  { own, version, places }: {
    readonly own: Uint8Array;
    readonly version: number;
    readonly places: Int32Array;
  },
  { calls, client }: EdgeFigures,
): void {
  const reader = new ByteReader(own);
  const form = formOf(reader, version);
  const hour = new HourReader(reader, { form, places });
  hour.requests(calls);
  if (reader.byte() === 1) hour.repeat(calls, client);
  else hour.latency(client);
}

function formOf(reader: ByteReader, version: number): HourForm {
  if (version === FIRST_VERSION) return firstForm(reader);
  if (version === VERSION) return packedForm(reader);
  throw new RangeError(`Cannot read an hour of version ${version}`);
}
