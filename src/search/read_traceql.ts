import { StatusCode } from "../map/span_kind.ts";
import {
  isTraceCondition,
  type TraceqlCondition,
  traceqlConditions,
} from "./traceql_comparison.ts";
import {
  type TraceqlFault,
  type TraceqlToken,
  traceqlTokens,
} from "./traceql_tokens.ts";
import {
  ANY_TRACE,
  type Comparison,
  type SpanCondition,
  type TraceQuestion,
} from "./trace_filter.ts";

/** The longest query that is read, UTF-16 units. */
export const MAX_QUERY_LENGTH = 4096;
/** How many conditions a query may have, each of alternatives counted. */
export const MAX_CONDITIONS = 64;
/** How deep parentheses may stand in each other. */
export const MAX_NESTING = 8;

/** What is read, for the one who wrote something else. */
export const TRACEQL_UNDERSTOOD =
  "Understood is { … } with conditions joined by &&, or by || in " +
  "parentheses, && { status = error } beside it; each compares name, kind, status, duration, traceDuration, " +
  "rootName, rootServiceName, .key, span.key or resource.key with a value";

/** A query, or why it is not understood. */
export type TraceqlResult =
  | { readonly ok: true; readonly question: TraceQuestion }
  | { readonly ok: false; readonly reason: string };

/**
 * Reads the simple form of TraceQL: one `{ }` of conditions on one span, and
 * on its trace.
 *
 * `.service.name` means the service, as `resource.service.name` does.
 *
 * @example A service's failed spans, and what is not understood
 * ```ts
 * import { readTraceql } from "../src/search/read_traceql.ts";
 *
 * const read = readTraceql('{ name = "GET /" && status = error }');
 * expect(read.ok && read.question.span).toEqual([
 *   { on: "name", name: "GET /" },
 *   { on: "status", status: 2 },
 * ]);
 * expect(readTraceql("{ } | count() > 2").ok).toBe(false);
 * ```
 */
export function readTraceql(query: string): TraceqlResult {
  if (query.length > MAX_QUERY_LENGTH) {
    return {
      ok: false,
      reason: `Cannot read the query: it has ${query.length} characters, ` +
        `at most ${MAX_QUERY_LENGTH} are read`,
    };
  }
  const tokens = traceqlTokens(query);
  if ("problem" in tokens) return refusal(query, tokens);
  const read = new TraceqlReader(tokens).read();
  if ("problem" in read) return refusal(query, read);
  const question = questionOf(read);
  return "problem" in question
    ? refusal(query, question)
    : { ok: true, question };
}

function refusal(query: string, { at, problem }: TraceqlFault): TraceqlResult {
  const there = query.slice(at, at + 20);
  const place = there === "" ? "its end" : `column ${at + 1} (${there})`;
  return {
    ok: false,
    reason: `Cannot read the query at ${place}: ${problem}. ` +
      `${TRACEQL_UNDERSTOOD}.`,
  };
}

interface Placed {
  readonly at: number;
  readonly condition: TraceqlCondition;
}

/** What a query asks: of one span or the trace, and of any span. */
interface ReadQuery {
  readonly conditions: readonly Placed[];
  /** Whether another `{ status = error }` stands beside. */
  readonly failed: boolean;
}

class TraceqlReader {
  readonly #tokens: readonly TraceqlToken[];
  #next = 0;
  #count = 0;

  constructor(tokens: readonly TraceqlToken[]) {
    this.#tokens = tokens;
  }

  read(): ReadQuery | TraceqlFault {
    const conditions = this.#spanset("a query begins with {");
    if ("problem" in conditions) return conditions;
    let failed = false;
    while (isSign(this.#peek(), "&&")) {
      const { at } = this.#take();
      const others = this.#spanset("expected is {");
      if ("problem" in others) return others;
      if (others.length !== 1 || !others.every(isFailure)) {
        return fault({ at }, "beside a { } only { status = error } is read");
      }
      failed = true;
    }
    const problem = this.#hints();
    if (problem !== null) return problem;
    const rest = this.#peek();
    return rest.kind === "end"
      ? { conditions, failed }
      : fault(rest, "nothing is understood after the }");
  }

  #spanset(expected: string): readonly Placed[] | TraceqlFault {
    const open = this.#take();
    if (!isSign(open, "{")) return fault(open, expected);
    if (isSign(this.#peek(), "}")) {
      this.#take();
      return [];
    }
    const conditions = this.#group(0);
    if ("problem" in conditions) return conditions;
    const close = this.#take();
    return isSign(close, "}")
      ? conditions
      : fault(close, "expected is &&, || or }");
  }

  // They say how to look: `with (most_recent=true)`. The newest traces are
  // found first anyway, and Tempo passes over hints that it does not know.
  #hints(): TraceqlFault | null {
    const word = this.#peek();
    if (word.kind !== "word" || word.text !== "with") return null;
    this.#take();
    let sign = this.#take();
    if (!isSign(sign, "(")) return fault(sign, "expected is (");
    do {
      const name = this.#take();
      if (name.kind !== "word") return fault(name, "expected is a hint");
      const equals = this.#take();
      if (!isSign(equals, "=")) return fault(equals, "expected is =");
      const value = this.#take();
      if (["sign", "field", "end"].includes(value.kind)) {
        return fault(value, "expected is the hint's value");
      }
      sign = this.#take();
    } while (isSign(sign, ","));
    return isSign(sign, ")") ? null : fault(sign, "expected is , or )");
  }

  #group(depth: number): readonly Placed[] | TraceqlFault {
    const first = this.#term(depth);
    if ("problem" in first) return first;
    const joint = this.#peek();
    if (!isSign(joint, "&&") && !isSign(joint, "||")) return first;
    const terms = [first];
    while (isSign(this.#peek(), joint.text)) {
      this.#take();
      const term = this.#term(depth);
      if ("problem" in term) return term;
      terms.push(term);
    }
    const next = this.#peek();
    if (isSign(next, "&&") || isSign(next, "||")) {
      return fault(next, "&& and || side by side need parentheses");
    }
    return joint.text === "&&" ? terms.flat() : anyOf(terms, joint.at);
  }

  #term(depth: number): readonly Placed[] | TraceqlFault {
    const field = this.#take();
    if (isSign(field, "(")) {
      if (depth >= MAX_NESTING) {
        return fault(field, `more than ${MAX_NESTING} parentheses deep`);
      }
      const inside = this.#group(depth + 1);
      if ("problem" in inside) return inside;
      const close = this.#take();
      return isSign(close, ")") ? inside : fault(close, "expected is )");
    }
    if (field.kind === "word" && field.text === "true") return [];
    if (field.kind !== "word" && field.kind !== "field") {
      return fault(field, "a condition begins with a field");
    }
    const operator = this.#take();
    if (
      operator.kind !== "sign" || !/^(?:[<>]=?|!?=|[=!]~)$/.test(operator.text)
    ) {
      return fault(operator, "expected is one of = != < <= > >= =~ !~");
    }
    const value = this.#value();
    const conditions = traceqlConditions({
      field,
      operator: operator.text,
      value,
    });
    if (typeof conditions === "string") return fault(field, conditions);
    this.#count += conditions.reduce((sum, one) => sum + sizeOf(one), 0);
    return this.#count > MAX_CONDITIONS
      ? fault(field, `there are more than ${MAX_CONDITIONS} conditions`)
      : conditions.map((condition) => ({ at: field.at, condition }));
  }

  #value(): TraceqlToken {
    const token = this.#take();
    const number = this.#peek();
    if (!isSign(token, "-") || number.kind !== "number") return token;
    this.#take();
    return { ...number, value: -number.value };
  }

  #peek(): TraceqlToken {
    return this.#tokens[this.#next] ?? { kind: "end", at: 0 };
  }

  #take(): TraceqlToken {
    const token = this.#peek();
    if (token.kind !== "end") this.#next++;
    return token;
  }
}

function isFailure({ condition }: Placed): boolean {
  return condition.on === "status" && condition.status === StatusCode.ERROR;
}

function isSign<Text extends string>(
  token: TraceqlToken,
  text: Text,
): token is TraceqlToken & { readonly kind: "sign"; readonly text: Text } {
  return token.kind === "sign" && token.text === text;
}

function fault({ at }: { readonly at: number }, problem: string): TraceqlFault {
  return { at, problem };
}

function sizeOf(condition: TraceqlCondition): number {
  return condition.on === "anyOf" ? condition.conditions.length : 1;
}

function anyOf(
  terms: readonly (readonly Placed[])[],
  at: number,
): readonly Placed[] | TraceqlFault {
  const conditions: Exclude<SpanCondition, { on: "anyOf" }>[] = [];
  for (const term of terms) {
    const [one, ...more] = term;
    if (one === undefined || more.length > 0) {
      return fault(one ?? { at }, "each side of || is one condition");
    }
    const { condition } = one;
    if (isTraceCondition(condition)) {
      return fault(one, "what is asked of a trace cannot stand beside ||");
    }
    if (condition.on === "anyOf") conditions.push(...condition.conditions);
    else conditions.push(condition);
  }
  // 2 and 2.0 are the same here; Tempo has to be asked for both.
  const distinct = [
    ...new Map(conditions.map((one) => [JSON.stringify(one), one])).values(),
  ];
  const [first, second] = distinct;
  const condition = first !== undefined && second === undefined
    ? first
    : { on: "anyOf", conditions: distinct } as const;
  return [{ at, condition }];
}

function questionOf(
  { conditions, failed }: ReadQuery,
): TraceQuestion | TraceqlFault {
  const span: SpanCondition[] = [];
  let { root, minDurationNs, maxDurationNs } = ANY_TRACE;
  for (const { at, condition } of conditions) {
    if (!isTraceCondition(condition)) span.push(condition);
    else if (condition.on === "rootName") {
      if (root.name !== null) return fault({ at }, "is asked for twice");
      root = { ...root, name: condition.name };
    } else if (condition.on === "rootService") {
      if (root.service !== null) return fault({ at }, "is asked for twice");
      root = { ...root, service: condition.service };
    } else {
      const { least, most } = bounds(condition.comparison, condition.ns);
      if (least !== null) minDurationNs = Math.max(minDurationNs ?? 0, least);
      if (most !== null) maxDurationNs = Math.min(maxDurationNs ?? most, most);
    }
  }
  const question = { ...ANY_TRACE, span, root, minDurationNs, maxDurationNs };
  return failed ? { ...question, failed } : question;
}

/** A trace takes whole nanoseconds. */
function bounds(
  comparison: Exclude<Comparison, "!=">,
  ns: number,
): { readonly least: number | null; readonly most: number | null } {
  switch (comparison) {
    case "=":
      return { least: ns, most: ns };
    case ">":
      return { least: Math.floor(ns) + 1, most: null };
    case ">=":
      return { least: ns, most: null };
    case "<":
      return { least: null, most: Math.ceil(ns) - 1 };
    case "<=":
      return { least: null, most: ns };
  }
}
