import type { JsonCursor } from "../otlp/json_cursor.ts";
import { wantedFields } from "../otlp/wanted_keys.ts";
import { eachField, eachItem } from "./json_fields.ts";
import {
  bytesOf,
  doubleOf,
  int64Of,
  type Scalar,
  scalarAt,
  textOf,
} from "./json_scalar_value.ts";
import type { AttributeValue } from "./span.ts";

const KEY_VALUE = wantedFields(["key", "value"]);
const ANY_VALUE = wantedFields([
  "stringValue",
  "boolValue",
  "intValue",
  "doubleValue",
  "bytesValue",
  "arrayValue",
  "kvlistValue",
]);
const VALUES = wantedFields(["values"]);

/** What was read of one value, which may be in several places. */
interface ValueParts {
  stringValue: Scalar;
  boolValue: Scalar;
  intValue: Scalar;
  doubleValue: Scalar;
  bytesValue: Scalar;
  arrayValue: AttributeValue[] | null;
  kvlistValue: Map<string, AttributeValue> | null;
}

/** Adds the attributes (an array of KeyValue) that come next to a map. */
export function readAttributes(
  cursor: JsonCursor,
  attributes: Map<string, AttributeValue>,
): void {
  eachItem(cursor, () => {
    let key = "";
    const parts = noParts();
    const isObject = eachField(cursor, KEY_VALUE, (field) => {
      if (field === "key") key = textOf(scalarAt(cursor));
      else readParts(cursor, parts);
    });
    if (isObject) attributes.set(key, valueOf(parts));
  });
}

function readParts(cursor: JsonCursor, parts: ValueParts): void {
  eachField(cursor, ANY_VALUE, (field) => {
    if (field === "arrayValue") {
      const items = parts.arrayValue ?? [];
      const isObject = eachField(
        cursor,
        VALUES,
        () => eachItem(cursor, () => items.push(readValue(cursor))),
      );
      if (isObject) parts.arrayValue = items;
    } else if (field === "kvlistValue") {
      const list = parts.kvlistValue ?? new Map<string, AttributeValue>();
      const isObject = eachField(
        cursor,
        VALUES,
        () => readAttributes(cursor, list),
      );
      if (isObject) parts.kvlistValue = list;
    } else parts[field] = scalarAt(cursor);
  });
}

function readValue(cursor: JsonCursor): AttributeValue {
  const parts = noParts();
  readParts(cursor, parts);
  return valueOf(parts);
}

function noParts(): ValueParts {
  return {
    stringValue: null,
    boolValue: null,
    intValue: null,
    doubleValue: null,
    bytesValue: null,
    arrayValue: null,
    kvlistValue: null,
  };
}

// Of several kinds the first counts, as in `JsonAttributeReader`.
function valueOf(parts: ValueParts): AttributeValue {
  if (typeof parts.stringValue === "string") return parts.stringValue;
  if (typeof parts.boolValue === "boolean") return parts.boolValue;
  return int64Of(parts.intValue) ?? doubleOf(parts.doubleValue) ??
    parts.arrayValue ?? parts.kvlistValue ?? bytesOf(parts.bytesValue);
}
