import fc from "fast-check";
import { expect, test } from "vitest";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import {
  JsonDepthFault,
  JsonSyntaxFault,
  JsonTypeFault,
} from "../../src/otlp/json_fault.ts";
import { readTracesJson } from "../../src/otlp/traces_json.ts";
import { readTracesProtobuf } from "../../src/otlp/traces_protobuf.ts";
import { WireFault } from "../../src/otlp/wire_cursor.ts";
import { readJsonSpans } from "../../src/spans/read_json.ts";
import { readProtobufSpans } from "../../src/spans/read_protobuf.ts";
import type { Span } from "../../src/spans/span.ts";
import { piecesOf, readPieces } from "../../src/spans/span_pieces.ts";
import { writeProtobufSpans } from "../../src/spans/write_protobuf.ts";
import { mutateBody } from "../otlp/mutate_body.ts";
import { richRequest } from "../otlp/rich_request.ts";
import { requestBytes } from "../otlp/wire_arbitrary.ts";
import { writeJson } from "../otlp/write_json.ts";
import { arbitrarySpans } from "./arbitrary_spans.ts";
import { jsonOfSpans, protobufOfSpans } from "./body_of_spans.ts";

const SEED = 20261124;
const MUTATED_BODIES = 3000;
/** Far more than a body of a few KB takes, however busy the machine is. */
const MAX_READ_MS = 1000;

const random = new SeededRandom(SEED);
const sampled = fc.sample(arbitrarySpans, { seed: SEED, numRuns: 60 });
const protobufBodies = [
  richRequest(),
  ...sampled.map(protobufOfSpans),
  ...fc.sample(requestBytes, { seed: SEED, numRuns: 60 }),
];
const jsonBodies = sampled.map((spans) =>
  new TextEncoder().encode(writeJson(jsonOfSpans(spans), random))
);

function pick(bodies: readonly Uint8Array[]): Uint8Array {
  return bodies[random.below(bodies.length)] ?? new Uint8Array();
}

/** What was read; null where a fault of one of these kinds was thrown. */
function readOrFault(
  read: () => readonly Span[],
  faults: readonly (new (...args: never[]) => Error)[],
): readonly Span[] | null {
  const start = performance.now();
  try {
    return read();
  } catch (error) {
    expect(faults.some((fault) => error instanceof fault)).toBe(true);
    return null;
  } finally {
    expect(performance.now() - start).toBeLessThan(MAX_READ_MS);
  }
}

test("readProtobufSpans() reads any changed body that readTracesProtobuf() accepts, as readPieces() does, and throws nothing but a WireFault", () => {
  let read = 0;
  for (let index = 0; index < MUTATED_BODIES; index++) {
    const body = mutateBody(pick(protobufBodies), random);
    const spans = readOrFault(() => readProtobufSpans(body), [WireFault]);
    if (!readTracesProtobuf(body).ok) continue;
    read++;
    expect(spans).not.toBeNull();
    expect(readPieces(piecesOf(body, "protobuf"), "protobuf")).toEqual(spans);
    expect(readProtobufSpans(writeProtobufSpans(spans ?? [])).length)
      .toBe(spans?.length);
  }
  expect(read).toBeGreaterThan(MUTATED_BODIES / 20);
  expect(MUTATED_BODIES - read).toBeGreaterThan(MUTATED_BODIES / 20);
});

test("readJsonSpans() reads any changed body that readTracesJson() accepts, and throws nothing but what it says", () => {
  let read = 0;
  for (let index = 0; index < MUTATED_BODIES; index++) {
    const body = mutateBody(pick(jsonBodies), random);
    const spans = readOrFault(
      () => readJsonSpans(body),
      [JsonSyntaxFault, JsonDepthFault, JsonTypeFault],
    );
    const result = readTracesJson(body);
    if (!result.ok) continue;
    read++;
    expect(spans?.length)
      .toBe(result.batch.spans.length + result.batch.rejected);
    // What came in JSON can go on in protobuf.
    expect(readProtobufSpans(writeProtobufSpans(spans ?? []))).toEqual(spans);
  }
  expect(read).toBeGreaterThan(MUTATED_BODIES / 20);
  expect(MUTATED_BODIES - read).toBeGreaterThan(MUTATED_BODIES / 20);
});
