/**
 * Finds where a text stops being JSON: the index of the first character that
 * cannot stand there, or the text's length where it ends too early; -1 for a
 * text that is JSON. For texts that `JSON.parse` refused without saying where.
 *
 * Source: RFC 8259.
 *
 * @example
 * ```ts
 * import { jsonFaultAt } from "../src/otlp/json_fault_at.ts";
 *
 * expect(jsonFaultAt('{"a": 1,}')).toBe(8);
 * expect(jsonFaultAt('{"a": 1}')).toBe(-1);
 * ```
 */
export function jsonFaultAt(text: string): number {
  // What encloses the place: "}" for an object, "]" for an array.
  const closers: string[] = [];
  let expected: Expected = "value";
  let at = spaceEnd(text, 0);
  for (; at < text.length; at = spaceEnd(text, at)) {
    const character = text.charAt(at);
    const closes = character === closers.at(-1) &&
      (expected === "separator" || expected.endsWith("or end"));
    if (closes) {
      closers.pop();
      expected = "separator";
      at++;
      continue;
    }
    switch (expected) {
      case "colon":
        if (character !== ":") return at;
        expected = "value";
        at++;
        break;
      case "separator":
        if (character !== "," || closers.length === 0) return at;
        expected = closers.at(-1) === "}" ? "key" : "value";
        at++;
        break;
      case "key":
      case "key or end": {
        const end = stringEnd(text, at);
        if (end < 0) return ~end;
        expected = "colon";
        at = end;
        break;
      }
      case "value":
      case "value or end": {
        if (character === "{" || character === "[") {
          closers.push(character === "{" ? "}" : "]");
          expected = character === "{" ? "key or end" : "value or end";
          at++;
          break;
        }
        const end = scalarEnd(text, at);
        if (end < 0) return ~end;
        expected = "separator";
        at = end;
      }
    }
  }
  return expected === "separator" && closers.length === 0 ? -1 : at;
}

type Expected =
  | "value"
  | "value or end"
  | "key"
  | "key or end"
  | "colon"
  | "separator";

const LITERALS = ["true", "false", "null"];
const DIGIT = /\d/;
const HEX_DIGIT = /[0-9a-fA-F]/;
const ESCAPE = /["\\/bfnrt]/;

function spaceEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && " \t\n\r".includes(text.charAt(at))) at++;
  return at;
}

// These give where a scalar ends, or the complement (~) of where it is wrong.

function scalarEnd(text: string, start: number): number {
  if (text[start] === '"') return stringEnd(text, start);
  for (const literal of LITERALS) {
    if (literal[0] === text[start]) return literalEnd(text, start, literal);
  }
  return numberEnd(text, start);
}

function stringEnd(text: string, start: number): number {
  if (text[start] !== '"') return ~start;
  let at = start + 1;
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === '"') return at + 1;
    if (character < " ") return ~at;
    at++;
    if (character !== "\\") continue;
    const escape = text.charAt(at);
    if (escape === "u") {
      const end = at + 5;
      for (at++; at < end; at++) {
        if (!HEX_DIGIT.test(text.charAt(at))) return ~at;
      }
    } else if (ESCAPE.test(escape)) at++;
    else return ~at;
  }
  return ~at;
}

function literalEnd(text: string, start: number, literal: string): number {
  for (let i = 0; i < literal.length; i++) {
    if (text[start + i] !== literal[i]) return ~(start + i);
  }
  return start + literal.length;
}

function numberEnd(text: string, start: number): number {
  let at = text[start] === "-" ? start + 1 : start;
  const whole = at;
  at = digitsEnd(text, at);
  if (at < 0) return at;
  // A leading zero stands alone.
  if (text[whole] === "0") at = whole + 1;
  if (text[at] === ".") {
    at = digitsEnd(text, at + 1);
    if (at < 0) return at;
  }
  if (text[at] === "e" || text[at] === "E") {
    at++;
    if (text[at] === "+" || text[at] === "-") at++;
    at = digitsEnd(text, at);
  }
  return at;
}

function digitsEnd(text: string, start: number): number {
  let at = start;
  while (DIGIT.test(text.charAt(at))) at++;
  return at === start ? ~at : at;
}
