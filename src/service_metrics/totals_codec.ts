import { ByteReader } from "../codec/byte_reader.ts";
import { ByteWriter } from "../codec/byte_writer.ts";
import type { SpanKind, StatusCode } from "../map/span_kind.ts";
import { CONNECTION_TYPES } from "../map/service_window_codec.ts";
import { seriesId, type SeriesKey, SPANS_SERIES } from "./series_key.ts";
import {
  type SeriesValues,
  valuesLength,
  withBounds,
} from "./series_values.ts";
import type { ServiceTotals, TotalsSeries } from "./service_totals.ts";

// Raise it when the layout changes, and keep reading the older ones.
const VERSION = 1;

const SORTS: readonly SeriesKey["sort"][] = ["spans", "edge", "operation"];

/** Totals as bytes. */
export function encodeTotals(totals: ServiceTotals): Uint8Array {
  const to = new ByteWriter();
  to.varint(VERSION);
  writeBounds(to, totals.bounds);
  to.varint(totals.horizonS);
  to.varint(totals.series.size);
  for (const { key, values, floor, lastS } of totals.series.values()) {
    writeKey(to, key);
    writeValues(to, values);
    to.byte(floor === null ? 0 : 1);
    if (floor !== null) writeValues(to, floor);
    to.varint(lastS);
  }
  return to.finish();
}

/**
 * The totals of their bytes.
 *
 * @param bounds Those that the totals shall have, s: they may be others than
 *   the ones that the bytes were written with.
 * @throws {RangeError} Where the bytes are of another version or cut short.
 */
export function decodeTotals(
  bytes: Uint8Array,
  bounds: readonly number[],
): ServiceTotals {
  const from = new ByteReader(bytes);
  readVersion(from);
  const written = readBounds(from);
  const horizonS = from.varint();
  const series = new Map<string, TotalsSeries>();
  for (let left = from.varint(); left > 0; left--) {
    const key = readKey(from);
    const read = () =>
      withBounds(key, readValues(from, valuesLength(key, written)), {
        from: written,
        to: bounds,
      });
    const values = read();
    const floor = from.byte() === 1 ? read() : null;
    series.set(seriesId(key), { key, values, floor, lastS: from.varint() });
  }
  return { bounds, horizonS, series };
}

/** Reads the version. @throws {RangeError} Where it is another one. */
export function readVersion(from: ByteReader): void {
  const version = from.varint();
  if (version !== VERSION) {
    throw new RangeError(`Cannot read totals of version "${version}"`);
  }
}

/** Appends the version. */
export function writeVersion(to: ByteWriter): void {
  to.varint(VERSION);
}

/** Appends bounds. */
export function writeBounds(to: ByteWriter, bounds: readonly number[]): void {
  to.varint(bounds.length);
  for (const bound of bounds) to.number(bound);
}

/** The bounds that `writeBounds` appended. */
export function readBounds(from: ByteReader): readonly number[] {
  return Array.from({ length: from.varint() }, () => from.number());
}

/** Appends what tells a series. */
export function writeKey(to: ByteWriter, key: SeriesKey): void {
  to.byte(SORTS.indexOf(key.sort));
  if (key.sort === "edge") {
    to.string(key.clientNamespace);
    to.string(key.client);
    to.string(key.serverNamespace);
    to.string(key.server);
    to.byte(CONNECTION_TYPES.indexOf(key.connectionType));
  } else if (key.sort === "operation") {
    to.string(key.name);
    to.byte(key.kind);
    to.byte(key.status);
  }
}

/** What `writeKey` appended. */
export function readKey(from: ByteReader): SeriesKey {
  const sort = SORTS[from.byte()];
  if (sort === "edge") {
    return {
      sort,
      clientNamespace: from.string(),
      client: from.string(),
      serverNamespace: from.string(),
      server: from.string(),
      connectionType: CONNECTION_TYPES[from.byte()] ?? "",
    };
  }
  if (sort === "operation") {
    return {
      sort,
      name: from.string(),
      kind: from.byte() as SpanKind,
      status: from.byte() as StatusCode,
    };
  }
  return SPANS_SERIES;
}

/** Appends the numbers of a series: what follows in a histogram is alike. */
export function writeValues(to: ByteWriter, values: SeriesValues): void {
  let before = 0;
  for (const value of values) {
    to.number(value - before);
    before = value;
  }
}

/** The numbers that `writeValues` appended. */
export function readValues(from: ByteReader, length: number): SeriesValues {
  const values = new Float64Array(length);
  let before = 0;
  for (let at = 0; at < length; at++) {
    before += from.number();
    values[at] = before;
  }
  return values;
}
