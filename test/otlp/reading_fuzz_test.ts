import fc from "fast-check";
import { expect, test } from "vitest";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import { readTracesJson } from "../../src/otlp/traces_json.ts";
import { readTracesProtobuf } from "../../src/otlp/traces_protobuf.ts";
import { jsonOracleBatch } from "./json_oracle.ts";
import { mutateBody } from "./mutate_body.ts";
import { batchOf, plainBatch } from "./plain_batch.ts";
import { oracleBatch } from "./protobufjs_oracle.ts";
import {
  jsonOf,
  jsonStyle,
  protobufOf,
  requestModel,
} from "./request_model.ts";
import { richRequest } from "./rich_request.ts";
import { writeJson } from "./write_json.ts";

const SAMPLING_KEY = "sampling.rate";
const options = { samplingAttribute: SAMPLING_KEY };
const SEED = 20261123;
const REQUESTS = 100;
const MUTATED_BODIES = 2000;
/** Far more than a body of a few KB takes, however busy the machine is. */
const MAX_READ_MS = 1000;

const requests = fc.sample(requestModel, { seed: SEED, numRuns: REQUESTS });
const styles = fc.sample(jsonStyle, { seed: SEED, numRuns: REQUESTS });

const random = new SeededRandom(SEED);
const protobufBodies = requests.map(protobufOf);
const jsonBodies = requests.map((request, index) => {
  const style = styles[index];
  if (style === undefined) throw new RangeError(`No style ${index}`);
  const body = jsonOf(request, { ...style, numbers: false });
  const value: unknown = JSON.parse(new TextDecoder().decode(body));
  return new TextEncoder().encode(writeJson(value, random));
});

function pick(bodies: readonly Uint8Array[]): Uint8Array {
  return bodies[random.below(bodies.length)] ?? new Uint8Array();
}

test("readTracesJson() reads what JSON.parse() does, however the JSON is written", () => {
  let spans = 0;
  for (const [index, body] of jsonBodies.entries()) {
    const batch = batchOf(readTracesJson(body, options));
    expect(plainBatch(batch)).toEqual(jsonOracleBatch(body, SAMPLING_KEY));
    const protobuf = protobufBodies[index] ?? new Uint8Array();
    expect(plainBatch(batch))
      .toEqual(plainBatch(batchOf(readTracesProtobuf(protobuf, options))));
    spans += batch.spans.length;
  }
  expect(spans).toBeGreaterThan(100);
});

test("readTracesJson() reads of any changed body what JSON.parse() does, or refuses it as that does", () => {
  let read = 0;
  let typeFaults = 0;
  for (let index = 0; index < MUTATED_BODIES; index++) {
    const body = mutateBody(pick(jsonBodies), random);
    const start = performance.now();
    const result = readTracesJson(body, options);
    expect(performance.now() - start).toBeLessThan(MAX_READ_MS);
    const plain = result.ok ? plainBatch(result.batch) : null;
    expect(plain).toEqual(jsonOracleBatch(body, SAMPLING_KEY));
    if (result.ok) read++;
    else if (result.reason.startsWith("Cannot read")) typeFaults++;
  }
  expect(read).toBeGreaterThan(MUTATED_BODIES / 20);
  expect(MUTATED_BODIES - read).toBeGreaterThan(MUTATED_BODIES / 20);
  expect(typeFaults).toBeGreaterThan(5);
});

test("readTracesProtobuf() reads of any changed body what protobufjs decodes, or refuses it as that does", () => {
  let read = 0;
  for (let index = 0; index < MUTATED_BODIES; index++) {
    const whole = random.chance(0.3) ? richRequest() : pick(protobufBodies);
    const body = mutateBody(whole, random);
    const start = performance.now();
    const result = readTracesProtobuf(body, options);
    expect(performance.now() - start).toBeLessThan(MAX_READ_MS);
    if (result.ok) read++;
    // Groups and endless varints, which protobufjs steps over.
    else if (/group|within 10 bytes/.test(result.reason)) continue;
    const plain = result.ok ? plainBatch(result.batch) : null;
    expect(plain).toEqual(oracleBatch(body, SAMPLING_KEY));
  }
  expect(read).toBeGreaterThan(MUTATED_BODIES / 20);
  expect(MUTATED_BODIES - read).toBeGreaterThan(MUTATED_BODIES / 20);
});
