import { ByteReader } from "../codec/byte_reader.ts";
import { ByteWriter } from "../codec/byte_writer.ts";
import {
  ANOMALY_METRICS,
  type AnomalyEdge,
  type AnomalyMetric,
} from "./anomaly.ts";
import type { Baseline } from "./baseline.ts";
import type { DetectorState, Lasting, Watched } from "./detector_state.ts";
import type { Observation } from "./stretch.ts";

// Raise it when the layout changes.
const VERSION = 1;
const FLOAT_BYTES = 4;

/** What is known of a service, as bytes: `MAX_DETECTOR_BYTES` at the most. */
export function encodeDetector(
  { minute, serves, watched }: DetectorState,
): Uint8Array<ArrayBuffer> {
  const to = new ByteWriter();
  to.varint(VERSION);
  to.signed(minute);
  to.byte(serves ? 1 : 0);
  to.varint(watched.size);
  for (const [id, one] of watched) {
    to.string(id);
    writeWatched(to, one);
  }
  return to.finish();
}

/**
 * What `encodeDetector` made bytes of.
 *
 * @throws {RangeError} Where the bytes are of another version or cut short.
 */
export function decodeDetector(bytes: Uint8Array): DetectorState {
  const from = new ByteReader(bytes);
  const version = from.varint();
  if (version !== VERSION) {
    throw new RangeError(`Cannot read a detector of version "${version}"`);
  }
  const minute = from.signed();
  const serves = from.byte() === 1;
  const watched = new Map<string, Watched>();
  for (let left = from.varint(); left > 0; left--) {
    const id = from.string();
    watched.set(id, readWatched(from));
  }
  return { minute, serves, watched };
}

function writeWatched(to: ByteWriter, watched: Watched): void {
  const { edge, stretch, baselines, lasting } = watched;
  to.string(JSON.stringify(edge));
  to.signed(watched.sinceMinute);
  to.signed(watched.heardMinute);
  to.varint(stretch.length);
  for (const one of stretch) {
    to.signed(one.minute);
    to.number(one.count);
    to.number(one.failed);
    to.number(one.missed);
    to.number(one.p95);
  }
  for (const metric of ANOMALY_METRICS) writeBaseline(to, baselines[metric]);
  to.string(JSON.stringify(lasting));
}

function readWatched(from: ByteReader): Watched {
  const edge = JSON.parse(from.string()) as AnomalyEdge | null;
  const sinceMinute = from.signed();
  const heardMinute = from.signed();
  const stretch = Array.from({ length: from.varint() }, (): Observation => ({
    minute: from.signed(),
    count: from.number(),
    failed: from.number(),
    missed: from.number(),
    p95: from.number(),
  }));
  const baselines = Object.fromEntries(
    ANOMALY_METRICS.map((metric) => [metric, readBaseline(from)]),
  ) as Record<AnomalyMetric, Baseline>;
  const lasting = JSON.parse(from.string()) as readonly Lasting[];
  return { edge, sinceMinute, heardMinute, stretch, baselines, lasting };
}

function writeBaseline(to: ByteWriter, baseline: Baseline): void {
  to.signed(baseline.hour);
  to.varint(baseline.minutes);
  writeFloats(to, baseline.values);
  writeFloats(to, baseline.weights);
  writeFloats(to, baseline.hours);
  writeFloats(to, baseline.spreads);
}

function readBaseline(from: ByteReader): Baseline {
  return {
    hour: from.signed(),
    minutes: from.varint(),
    values: readFloats(from),
    weights: readFloats(from),
    hours: readFloats(from),
    spreads: readFloats(from),
  };
}

// As they are in memory: every platform of ours is little-endian.
function writeFloats(to: ByteWriter, floats: Float32Array): void {
  to.varint(floats.length);
  to.raw(new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength));
}

function readFloats(from: ByteReader): Float32Array {
  const length = from.varint();
  // A copy: a view would need bytes that are aligned.
  return new Float32Array(from.raw(length * FLOAT_BYTES).slice().buffer);
}
