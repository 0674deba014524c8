import { parseDuration } from "./parse_duration.ts";
import { quotedText } from "./quoted_text.ts";

/** A piece of a TraceQL query, and where it stands, UTF-16 units from 0. */
export type TraceqlToken =
  & { readonly at: number }
  & (
    /** An attribute; its scope "" where it has none. */
    | { readonly kind: "field"; readonly scope: string; readonly key: string }
    /** A keyword or an intrinsic: `error`, `name`, `trace:duration`. */
    | { readonly kind: "word"; readonly text: string }
    | { readonly kind: "string"; readonly text: string }
    | { readonly kind: "number"; readonly value: number }
    | { readonly kind: "duration"; readonly ns: number }
    | { readonly kind: "sign"; readonly text: string }
    | { readonly kind: "end" }
  );

/** What is wrong with a query, and where, UTF-16 units from 0. */
export interface TraceqlFault {
  readonly at: number;
  readonly problem: string;
}

const SPACE = /[\s\u0085]*/y;
const STRING = /"(?:[^"\\\n]|\\[^\n])*"|`[^`]*`/y;
const SCOPE = /(span|resource|parent|event|link|instrumentation)?\./y;
const KEY = /[^\s\u0085{}()=~!<>&|^,"]+/y;
const KEY_STRING = /"((?:[^"\\]|\\["\\])*)"/y;
const WORD = /[A-Za-z_]\w*(?::[A-Za-z]\w*)?/y;
const DURATION = /(?:\d+(?:\.\d+)?(?:ns|us|µs|μs|ms|[smhdw]))+(?![\w.])/y;
const NUMBER = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y;
const SIGN =
  /[&!](?:>>|<<|[><~])|&&|\|\||!=|=~|!~|>=|<=|>>|<<|[{}()=<>!|+\-*/%^~,]/y;

/**
 * Cuts a TraceQL query into its tokens, the last of which is its end.
 *
 * Source: Grafana Tempo, pkg/traceql/lexer.go.
 */
export function traceqlTokens(
  query: string,
): readonly TraceqlToken[] | TraceqlFault {
  const tokens: TraceqlToken[] = [];
  let at = 0;
  for (;;) {
    at += matchAt(SPACE, query, at)?.[0].length ?? 0;
    if (at >= query.length) return [...tokens, { kind: "end", at }];
    const read = tokenAt(query, at);
    if ("problem" in read) return read;
    tokens.push(read.token);
    at = read.end;
  }
}

type TokenRead =
  | { readonly token: TraceqlToken; readonly end: number }
  | TraceqlFault;

function tokenAt(query: string, at: number): TokenRead {
  const string = matchAt(STRING, query, at)?.[0];
  if (string !== undefined) {
    const text = quotedText(string);
    return text === null
      ? { at, problem: "has an escape that is none" }
      : { token: { kind: "string", at, text }, end: at + string.length };
  }
  const scope = matchAt(SCOPE, query, at);
  if (scope !== null) return fieldAt(query, at, scope);
  const word = matchAt(WORD, query, at)?.[0];
  if (word !== undefined) {
    return { token: { kind: "word", at, text: word }, end: at + word.length };
  }
  const duration = matchAt(DURATION, query, at)?.[0];
  if (duration !== undefined) return durationAt(duration, at);
  const number = matchAt(NUMBER, query, at)?.[0];
  if (number !== undefined) return numberAt(number, at);
  const sign = matchAt(SIGN, query, at)?.[0];
  if (sign !== undefined) {
    return { token: { kind: "sign", at, text: sign }, end: at + sign.length };
  }
  const problem = query[at] === '"' || query[at] === "`"
    ? "is a string that does not end"
    : "cannot be read";
  return { at, problem };
}

function fieldAt(
  query: string,
  at: number,
  [prefix, scope = ""]: RegExpExecArray,
): TokenRead {
  let key = "";
  let end = at + prefix.length;
  for (;;) {
    const plain = matchAt(KEY, query, end)?.[0];
    const quoted = matchAt(KEY_STRING, query, end);
    if (plain !== undefined) key += plain;
    else if (quoted !== null) {
      key += (quoted[1] ?? "").replaceAll(/\\(.)/gs, "$1");
    } else break;
    end += (plain ?? quoted?.[0] ?? "").length;
  }
  if (query[end] === '"') {
    return { at: end, problem: "is a key that does not end" };
  }
  if (key === "") return { at, problem: "names no attribute" };
  return { token: { kind: "field", at, scope, key }, end };
}

function durationAt(text: string, at: number): TokenRead {
  const ns = parseDuration(text);
  return ns === undefined
    ? { at, problem: "is a duration that is too long" }
    : { token: { kind: "duration", at, ns }, end: at + text.length };
}

function numberAt(text: string, at: number): TokenRead {
  const value = Number(text);
  const exact = /^\d+$/.test(text)
    ? Number.isSafeInteger(value)
    : Number.isFinite(value);
  return exact
    ? { token: { kind: "number", at, value }, end: at + text.length }
    : { at, problem: "is a number that is too large" };
}

function matchAt(
  pattern: RegExp,
  text: string,
  at: number,
): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
