import { SpanBlockWriter } from "../../src/trace_store/span_block.ts";
import { readMessage, withBlock } from "../../src/trace/trace_message.ts";
import type { GeneratedSpan } from "../trace/brute_force_map.ts";
import { messageOf } from "../trace/message_of.ts";

const ENCODER = new TextEncoder();

/** A piece of bytes that is found again by what it says. */
export function piece(text: string): Uint8Array {
  return ENCODER.encode(text);
}

/**
 * A message that brings its spans: in place of OTLP, each one's bytes are what
 * `pieceOf` says, its resource's are its service's name.
 */
export function keptMessage(
  spans: readonly GeneratedSpan[],
  pieceOf: (span: GeneratedSpan) => string,
): Uint8Array {
  const writer = new SpanBlockWriter("protobuf");
  const scope = piece("scope");
  const resources = new Map<string, Uint8Array>();
  for (const one of spans) {
    const { name } = one.span.service;
    const resource = resources.get(name) ?? piece(name);
    resources.set(name, resource);
    writer.add({ resource, scope, span: piece(pieceOf(one)) });
  }
  return spans.length === 0
    ? messageOf(spans)
    : withBlock(messageOf(spans), writer.finish());
}

/** The same, as a shard reads it. */
export function readKept(
  spans: readonly GeneratedSpan[],
  pieceOf: (span: GeneratedSpan) => string,
): ReturnType<typeof readMessage> {
  return readMessage(keptMessage(spans, pieceOf));
}
