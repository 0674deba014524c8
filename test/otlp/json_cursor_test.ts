import fc from "fast-check";
import { expect, test } from "vitest";
import { JsonCursor } from "../../src/otlp/json_cursor.ts";
import { JsonSyntaxFault } from "../../src/otlp/json_fault.ts";

/** Where a text, ASCII but in what can stand, stops being JSON; -1 for JSON. */
function faultAt(text: string): number {
  const cursor = new JsonCursor(new TextEncoder().encode(text));
  try {
    cursor.skip();
    cursor.end();
    return -1;
  } catch (fault) {
    if (!(fault instanceof JsonSyntaxFault)) throw fault;
    const before = new TextEncoder().encode(text).subarray(0, fault.at);
    return new TextDecoder().decode(before).length;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const json = fc.json({ maxDepth: 4 });
const edited = fc.tuple(
  json,
  fc.nat(),
  fc.nat({ max: 3 }),
  fc.string({
    unit: fc.constantFrom(...'{}[],:"\\0123456789.eE+-truefalsn u\t\n\u0001é'),
    maxLength: 3,
  }),
).map(([text, at, removed, added]) => {
  const place = at % (text.length + 1);
  return text.slice(0, place) + added + text.slice(place + removed);
});

test("JsonCursor.skip() finds no fault in what JSON.parse() takes, and one in all else", () => {
  let faults = 0;
  fc.assert(
    fc.property(fc.oneof(json, edited), (text) => {
      expect(faultAt(text) === -1).toBe(isJson(text));
      if (!isJson(text)) faults++;
    }),
    { numRuns: 5000 },
  );
  expect(faults).toBeGreaterThan(500);
});

test("JsonCursor.skip() finds the place that JSON.parse() states, where it states one", () => {
  let stated = 0;
  fc.assert(
    fc.property(edited, (text) => {
      try {
        JSON.parse(text);
      } catch (error) {
        const place = /at position (\d+)/.exec(String(error))?.[1];
        // For an escape it states where the string goes on.
        if (place === undefined || /escape|Unicode/.test(String(error))) return;
        stated++;
        expect(faultAt(text)).toBe(Number(place));
      }
    }),
    { numRuns: 3000 },
  );
  expect(stated).toBeGreaterThan(100);
});

test.each<[string, number]>([
  ["", 0],
  [" ", 1],
  ["tru", 3],
  ["trux", 3],
  ["-", 1],
  ["01", 1],
  ["1.", 2],
  ["1.e5", 2],
  ["1e+", 3],
  ["[1,]", 3],
  ["[,1]", 1],
  ['{"a" 1}', 5],
  ["{1:2}", 1],
  ["{]", 1],
  ["[}", 1],
  ["[1}", 2],
  ["[1]]", 3],
  ["1 2", 2],
  ['"\\x"', 2],
  ['"\\u12g4"', 5],
  ['"\n"', 1],
  ['"a', 2],
  ["[[[", 3],
])("JsonCursor.skip() of %j fails at %i", (text, at) => {
  expect(faultAt(text)).toBe(at);
});

test("JsonCursor reads what stands within a larger buffer, no further", () => {
  const around = new TextEncoder().encode('[[1],"a"]');
  for (let end = 2; end <= around.length; end++) {
    const cursor = new JsonCursor(around.subarray(1, end));
    const isWhole = end === 4;
    const read = () => {
      cursor.skip();
      cursor.end();
    };
    if (isWhole) expect(read).not.toThrow();
    else expect(read).toThrow(JsonSyntaxFault);
  }
});

test("JsonCursor.skip() stops where the value ends", () => {
  const text = ' [1, {"a": []}] , {"b":2} ';
  const cursor = new JsonCursor(new TextEncoder().encode(text));
  cursor.skip();
  expect(text.slice(0, cursor.at)).toBe(' [1, {"a": []}]');
});
