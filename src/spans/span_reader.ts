import protobuf from "protobufjs/minimal.js";
import { WireCursor } from "../otlp/wire_cursor.ts";

const { LongBits } = protobuf.util;

/**
 * Reads for protobufjs's generated code what that would refuse or round: bytes
 * in a string that are not UTF-8 become U+FFFD, as in `readTracesProtobuf`, and
 * 64-bit integers are exact, whether protobufjs finds the package `long` by the
 * `require` that it looks for it with, or not.
 */
export class SpanReader extends protobuf.Reader {
  readonly #cursor: WireCursor;

  constructor(bytes: Uint8Array) {
    super(bytes);
    this.discardUnknown = true;
    this.#cursor = new WireCursor(bytes);
  }

  override stringVerify(): string {
    return this.string();
  }

  override fixed64(): protobuf.Long {
    const low = this.fixed32();
    return new LongBits(low, this.fixed32()).toLong(true);
  }

  override int64(): protobuf.Long {
    const cursor = this.#cursor;
    cursor.at = this.pos;
    cursor.int64(this.len);
    this.pos = cursor.at;
    return new LongBits(cursor.low, cursor.high).toLong();
  }
}
