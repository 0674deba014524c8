import { SpanKind, StatusCode } from "../map/span_kind.ts";
import { literalAlternatives } from "./literal_alternatives.ts";
import type { TraceqlToken } from "./traceql_tokens.ts";
import type {
  AttributeScope,
  Comparison,
  FieldCondition,
  SpanCondition,
} from "./trace_filter.ts";

/** What a whole trace has to be like. */
export type TraceCondition =
  | {
    readonly on: "traceDuration";
    readonly comparison: Exclude<Comparison, "!=">;
    readonly ns: number;
  }
  | { readonly on: "rootName"; readonly name: string }
  | { readonly on: "rootService"; readonly service: string };

/** What a comparison of TraceQL asks for, of a span or of its whole trace. */
export type TraceqlCondition = SpanCondition | TraceCondition;

/** Whether a condition is one on the whole trace. */
export function isTraceCondition(
  condition: TraceqlCondition,
): condition is TraceCondition {
  return condition.on === "traceDuration" || condition.on === "rootName" ||
    condition.on === "rootService";
}

/** A comparison as it is written. */
export interface TraceqlComparison {
  readonly field: TraceqlToken;
  readonly operator: string;
  /** A number has its sign already. */
  readonly value: TraceqlToken;
}

type Intrinsic =
  | "name"
  | "status"
  | "kind"
  | "duration"
  | "traceDuration"
  | "rootName"
  | "rootService";

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  name: "name",
  "span:name": "name",
  status: "status",
  "span:status": "status",
  kind: "kind",
  "span:kind": "kind",
  duration: "duration",
  "span:duration": "duration",
  traceDuration: "traceDuration",
  "trace:duration": "traceDuration",
  rootName: "rootName",
  "trace:rootName": "rootName",
  rootServiceName: "rootService",
  "trace:rootService": "rootService",
};

const KINDS: Readonly<Record<string, SpanKind>> = {
  unspecified: SpanKind.UNSPECIFIED,
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

const STATUSES: Readonly<Record<string, StatusCode>> = {
  unset: StatusCode.UNSET,
  ok: StatusCode.OK,
  error: StatusCode.ERROR,
};

const SCOPES: Readonly<Record<string, AttributeScope>> = {
  "": "any",
  span: "span",
  resource: "resource",
};

/** What every value of a field that has one is. */
const ANYTHING = ".*";

/**
 * What a comparison asks for, as conditions that all have to hold.
 *
 * @returns Or what is wrong with it, as the end of a sentence.
 */
export function traceqlConditions(
  { field, operator, value }: TraceqlComparison,
): readonly TraceqlCondition[] | string {
  if (field.kind === "field") {
    const scope = SCOPES[field.scope];
    if (scope === undefined) {
      return `attributes of "${field.scope}" cannot be asked for`;
    }
    return attributeConditions({ scope, key: field.key, operator, value });
  }
  const intrinsic =
    field.kind === "word" && Object.hasOwn(INTRINSICS, field.text)
      ? INTRINSICS[field.text]
      : undefined;
  switch (intrinsic) {
    case "name":
      return texts(operator, value, (name) => ({ on: "name", name }));
    case "status":
      return keyword({ operator, value }, STATUSES, (status) => ({
        on: "status",
        status,
      }));
    case "kind":
      return keyword(
        { operator, value },
        KINDS,
        (kind) => ({ on: "kind", kind }),
      );
    case "duration":
    case "traceDuration":
      return durations(intrinsic, operator, value);
    case "rootName":
    case "rootService":
      if (operator !== "=" || value.kind !== "string") {
        return "takes = and a string";
      }
      return intrinsic === "rootName"
        ? [{ on: "rootName", name: value.text }]
        : [{ on: "rootService", service: value.text }];
    case undefined:
      return "is no field that can be asked for";
  }
}

interface AttributeComparison {
  readonly scope: AttributeScope;
  readonly key: string;
  readonly operator: string;
  readonly value: TraceqlToken;
}

function attributeConditions(
  { scope, key, operator, value }: AttributeComparison,
): readonly SpanCondition[] | string {
  if (value.kind === "string") {
    return texts(
      operator,
      value,
      (text) =>
        key === "service.name" && scope !== "span"
          ? {
            on: "service",
            service: { name: text, namespace: null, environment: null },
          }
          : { on: "attribute", scope, key, value: text },
    );
  }
  const asked = value.kind === "number"
    ? value.value
    : value.kind === "word" && /^(?:true|false)$/.test(value.text)
    ? value.text === "true"
    : undefined;
  if (asked === undefined) return "takes a string, a number, true or false";
  const condition = { on: "attribute", scope, key, value: asked } as const;
  switch (operator) {
    case "=":
      return [condition];
    case "!=":
      return [{ on: "not", condition }];
    case "<":
    case "<=":
    case ">":
    case ">=":
      return typeof asked === "number"
        ? [{ on: "number", scope, key, comparison: operator, value: asked }]
        : "takes = or != with true or false";
    default:
      return `takes no ${operator} with such a value`;
  }
}

/** Conditions on what is compared with a string. */
function texts(
  operator: string,
  value: TraceqlToken,
  condition: (text: string) => FieldCondition,
): readonly SpanCondition[] | string {
  if (value.kind !== "string") return "takes a string";
  if (operator === "=") return [condition(value.text)];
  if (operator === "!=") {
    return [{ on: "not", condition: condition(value.text) }];
  }
  if (operator !== "=~" && operator !== "!~") {
    return `takes =, !=, =~ or !~ with a string, not ${operator}`;
  }
  const isThere = condition("").on !== "attribute";
  if (operator === "=~" && value.text === ANYTHING && isThere) return [];
  const alternatives = literalAlternatives(value.text);
  if (alternatives === null) {
    return `takes ${operator} with texts and | alone, as "a|b"; what is ` +
      String.raw`special in a regular expression is escaped: "a\\.b"`;
  }
  const conditions = alternatives.map(condition);
  if (operator === "!~") {
    return conditions.map((one) => ({ on: "not", condition: one }));
  }
  return conditions.length === 1 ? conditions : [{ on: "anyOf", conditions }];
}

function keyword<Code>(
  { operator, value }: Omit<TraceqlComparison, "field">,
  codes: Readonly<Record<string, Code>>,
  condition: (code: Code) => FieldCondition,
): readonly SpanCondition[] | string {
  const code = value.kind === "word" && Object.hasOwn(codes, value.text)
    ? codes[value.text]
    : undefined;
  if (code === undefined) return `takes ${Object.keys(codes).join(", ")}`;
  if (operator === "=") return [condition(code)];
  return operator === "!="
    ? [{ on: "not", condition: condition(code) }]
    : `takes = or !=, not ${operator}`;
}

function durations(
  on: "duration" | "traceDuration",
  operator: string,
  value: TraceqlToken,
): readonly TraceqlCondition[] | string {
  const ns = value.kind === "duration"
    ? value.ns
    : value.kind === "number"
    ? value.value
    : -1;
  if (ns < 0) return "takes a duration, as 100ms";
  switch (operator) {
    case "=":
    case "<":
    case "<=":
    case ">":
    case ">=":
      return [{ on, comparison: operator, ns }];
    case "!=":
      return on === "duration"
        ? [{ on, comparison: operator, ns }]
        : "takes no !=";
    default:
      return `takes no ${operator}`;
  }
}
