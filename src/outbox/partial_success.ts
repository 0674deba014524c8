import * as z from "zod/mini";
import { ByteReader } from "../codec/byte_reader.ts";

/** What a target says of a request that it took. */
export interface PartialSuccess {
  readonly rejectedSpans: number;
  readonly errorMessage: string;
}

const NOTHING: PartialSuccess = { rejectedSpans: 0, errorMessage: "" };

// Field numbers, and wire types of protobuf.
const PARTIAL_SUCCESS = 1;
const REJECTED_SPANS = 1;
const ERROR_MESSAGE = 2;
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

const JsonAnswer = z.object({
  partialSuccess: z.optional(z.object({
    rejectedSpans: z.optional(z.union([z.string(), z.number()])),
    errorMessage: z.optional(z.string()),
  })),
});

/**
 * Reads an `ExportTraceServiceResponse`. An answer that is none says nothing:
 * the status alone tells that the request was taken.
 *
 * @param contentType Of the answer.
 *
 * @example
 * ```ts
 * import { readPartialSuccess } from "../src/outbox/partial_success.ts";
 *
 * const json = '{"partialSuccess":{"rejectedSpans":"2","errorMessage":"late"}}';
 * const bytes = new TextEncoder().encode(json);
 * expect(readPartialSuccess(bytes, "application/json"))
 *   .toEqual({ rejectedSpans: 2, errorMessage: "late" });
 * ```
 */
export function readPartialSuccess(
  bytes: Uint8Array,
  contentType: string,
): PartialSuccess {
  try {
    return contentType.toLowerCase().includes("json")
      ? readJson(bytes)
      : readProtobuf(bytes);
  } catch {
    return NOTHING;
  }
}

function readJson(bytes: Uint8Array): PartialSuccess {
  const answer: unknown = JSON.parse(new TextDecoder().decode(bytes));
  const read = JsonAnswer.safeParse(answer);
  const partial = read.success ? read.data.partialSuccess : undefined;
  return {
    rejectedSpans: wholeNumber(Number(partial?.rejectedSpans ?? 0)),
    errorMessage: partial?.errorMessage ?? "",
  };
}

function readProtobuf(bytes: Uint8Array): PartialSuccess {
  let partial = NOTHING;
  for (const [field, value] of fields(bytes)) {
    if (field !== PARTIAL_SUCCESS || typeof value === "number") continue;
    for (const [inner, part] of fields(value)) {
      if (inner === REJECTED_SPANS && typeof part === "number") {
        partial = { ...partial, rejectedSpans: wholeNumber(part) };
      } else if (inner === ERROR_MESSAGE && typeof part !== "number") {
        const errorMessage = new TextDecoder().decode(part);
        partial = { ...partial, errorMessage };
      }
    }
  }
  return partial;
}

function* fields(
  bytes: Uint8Array,
): Generator<readonly [field: number, value: number | Uint8Array]> {
  const reader = new ByteReader(bytes);
  while (!reader.done) {
    const tag = reader.varint();
    const field = tag >>> 3;
    switch (tag & 7) {
      case VARINT:
        yield [field, reader.varint()];
        break;
      case FIXED64:
        yield [field, reader.raw(8)];
        break;
      case BYTES:
        yield [field, reader.bytes()];
        break;
      case FIXED32:
        yield [field, reader.raw(4)];
        break;
      default:
        throw new RangeError(`Cannot read the wire type of tag ${tag}`);
    }
  }
}

function wholeNumber(value: number): number {
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}
