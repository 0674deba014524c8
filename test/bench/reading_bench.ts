import { opentelemetry } from "../../proto/generated/otlp.js";
import { readTracesJson } from "../../src/otlp/traces_json.ts";
import { readTracesProtobuf } from "../../src/otlp/traces_protobuf.ts";
import { readingPayload } from "./reading_payload.ts";

/** How fast request bodies are read, against what else could read them. */
export interface ReadingFigures {
  /** What every figure is of: spans, and bytes in either encoding. */
  readonly payload: {
    readonly spans: number;
    readonly protobufBytes: number;
    readonly jsonBytes: number;
  };
  /** `readTracesProtobuf()`, spans/s. */
  readonly protobuf: number;
  /** protobufjs' static `decode()` alone, spans/s. */
  readonly protobufjs: number;
  /** `readTracesJson()`, spans/s. */
  readonly json: number;
  /** `JSON.parse()` of the decoded text alone, spans/s. */
  readonly jsonParse: number;
  /** Median over the rounds of `protobuf` to `protobufjs`. */
  readonly protobufRatio: number;
  /** Median over the rounds of `json` to `jsonParse`. */
  readonly jsonRatio: number;
}

const WARM_UP_ROUNDS = 40;
const ROUNDS = 160;
const READS_PER_ROUND = 5;

/**
 * Measures reading: all four ways in turn, over and over, so that whatever else
 * the machine does slows all of them. Takes a few seconds.
 */
export function benchReading(): Promise<ReadingFigures> {
  const { protobuf, json, spans } = readingPayload();
  const { ExportTraceServiceRequest } = opentelemetry.proto.collector.trace.v1;
  const ways = {
    protobuf: () => mustBeRead(readTracesProtobuf(protobuf).ok),
    protobufjs: () =>
      mustBeRead(
        ExportTraceServiceRequest.decode(protobuf).resourceSpans.length > 0,
      ),
    json: () => mustBeRead(readTracesJson(json).ok),
    jsonParse: () =>
      mustBeRead(JSON.parse(new TextDecoder().decode(json)) !== null),
  };
  const rounds: Record<keyof typeof ways, number>[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    const times = {
      protobuf: timeOf(ways.protobuf),
      protobufjs: timeOf(ways.protobufjs),
      json: timeOf(ways.json),
      jsonParse: timeOf(ways.jsonParse),
    };
    if (round >= WARM_UP_ROUNDS) rounds.push(times);
  }
  function spansPerSecond(way: keyof typeof ways): number {
    return spans / median(rounds.map((times) => times[way])) * 1000;
  }
  return Promise.resolve({
    payload: {
      spans,
      protobufBytes: protobuf.length,
      jsonBytes: json.length,
    },
    protobuf: spansPerSecond("protobuf"),
    protobufjs: spansPerSecond("protobufjs"),
    json: spansPerSecond("json"),
    jsonParse: spansPerSecond("jsonParse"),
    protobufRatio: median(
      rounds.map((times) => times.protobufjs / times.protobuf),
    ),
    jsonRatio: median(rounds.map((times) => times.jsonParse / times.json)),
  });
}

// The time of one read, ms.
function timeOf(read: () => void): number {
  const start = performance.now();
  for (let i = 0; i < READS_PER_ROUND; i++) read();
  return (performance.now() - start) / READS_PER_ROUND;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >>> 1] ?? NaN;
}

function mustBeRead(isRead: boolean): void {
  if (!isRead) throw new Error("Cannot read the payload of the benchmark");
}
