import type { opentelemetry } from "../../proto/generated/otlp.js";
import { int64Of } from "./message_bits.ts";
import type { Attributes, AttributeValue } from "./span.ts";

type KeyValue = opentelemetry.proto.common.v1.KeyValue.$Properties;
type AnyValue = opentelemetry.proto.common.v1.AnyValue.$Properties;

/** The attributes of a message that protobufjs decoded. */
export function attributesOf(
  pairs: readonly KeyValue[] | null | undefined,
): Attributes {
  const attributes = new Map<string, AttributeValue>();
  for (const { key, value } of pairs ?? []) {
    attributes.set(key ?? "", valueOf(value ?? {}));
  }
  return attributes;
}

// Of the fields at most one is set.
function valueOf(any: AnyValue): AttributeValue {
  const { stringValue, boolValue, intValue, doubleValue } = any;
  if (stringValue !== null && stringValue !== undefined) return stringValue;
  if (boolValue !== null && boolValue !== undefined) return boolValue;
  if (intValue !== null && intValue !== undefined) return int64Of(intValue);
  if (doubleValue !== null && doubleValue !== undefined) return doubleValue;
  const { arrayValue, kvlistValue, bytesValue } = any;
  if (arrayValue) return (arrayValue.values ?? []).map(valueOf);
  if (kvlistValue) return attributesOf(kvlistValue.values);
  return bytesValue ?? null;
}
