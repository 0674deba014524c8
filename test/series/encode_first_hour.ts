import { ByteWriter } from "../../src/codec/byte_writer.ts";
import type { ConnectionType } from "../../src/map/service_window.ts";
import { HOUR_MINUTES, type HourSeries } from "../../src/series/hour_series.ts";
import {
  LATENCY_COLUMNS,
  type LatencySeries,
  type RequestSeries,
} from "../../src/series/map_series.ts";
import {
  MEAN_STEPS,
  QUANTILE_STEPS,
} from "../../src/series/rounded_latency.ts";

const VERSION = 1;
const HALF_HOUR = HOUR_MINUTES / 2;
const CONNECTION_TYPES: readonly ConnectionType[] = [
  "",
  "messaging_system",
  "database",
  "virtual_node",
];

/** An hour as the first version of the format wrote it. */
export function encodeFirstHour(
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
