import type { JsonCursor } from "../otlp/json_cursor.ts";
import type { WantedKeys } from "../otlp/wanted_keys.ts";

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;

/**
 * Visits each wanted field of the value that comes next, with the cursor before
 * its value, which `visit` steps over. What is no object has none.
 *
 * @returns Whether it is an object.
 */
export function eachField<Field extends string>(
  cursor: JsonCursor,
  fields: WantedKeys<Field>,
  visit: (field: Field) => void,
): boolean {
  if (cursor.peek() !== OPEN_BRACE) {
    cursor.skip();
    return false;
  }
  for (let more = cursor.firstField(); more; more = cursor.nextField()) {
    const field = cursor.field(fields);
    if (field === undefined) cursor.skip();
    else visit(field);
  }
  return true;
}

/** Visits each item of the value that comes next; what is no array has none. */
export function eachItem(cursor: JsonCursor, visit: () => void): void {
  if (cursor.peek() !== OPEN_BRACKET) {
    cursor.skip();
    return;
  }
  for (let more = cursor.firstItem(); more; more = cursor.nextItem()) visit();
}
