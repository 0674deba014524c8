import type { SpanKind, StatusCode } from "../map/span_kind.ts";

/** How a duration is compared. */
export type Comparison = "=" | "!=" | "<" | "<=" | ">" | ">=";

/** A service as it is asked for; null: whichever. */
export interface AskedService {
  readonly name: string;
  readonly namespace: string | null;
  readonly environment: string | null;
}

/** Where an attribute is looked for; `any`: on the span or its resource. */
export type AttributeScope = "span" | "resource" | "any";

/** What one field of a span has to be. */
export type FieldCondition =
  | { readonly on: "service"; readonly service: AskedService }
  /** Its name as the service map has it (`foldName`). */
  | { readonly on: "operation"; readonly operation: string }
  /** Its name as it was sent. */
  | { readonly on: "name"; readonly name: string }
  | { readonly on: "kind"; readonly kind: SpanKind }
  | { readonly on: "status"; readonly status: StatusCode }
  | {
    readonly on: "duration";
    readonly comparison: Comparison;
    readonly ns: number;
  }
  /** The id of a cloud resource that it ran on. */
  | { readonly on: "resource"; readonly id: string }
  | {
    readonly on: "attribute";
    readonly scope: AttributeScope;
    readonly key: string;
    /**
     * A number equals an integer and a double of its value; an array that
     * holds such a value equals it, too.
     */
    readonly value: string | number | boolean;
  }
  /** An attribute that is a number, and so. */
  | {
    readonly on: "number";
    readonly scope: AttributeScope;
    readonly key: string;
    readonly comparison: "<" | "<=" | ">" | ">=";
    readonly value: number;
  };

/** What one span has to be like. */
export type SpanCondition =
  | FieldCondition
  /**
   * It is not so. An attribute has to be there, with a value of that type:
   * the span that has none is neither equal nor unequal.
   */
  | { readonly on: "not"; readonly condition: FieldCondition }
  /** At least one of them holds. */
  | {
    readonly on: "anyOf";
    readonly conditions: readonly Exclude<SpanCondition, { on: "anyOf" }>[];
  };

/** The root span of a trace as it is asked for; null: whichever. */
export interface AskedRoot {
  /** `service.name` alone. */
  readonly service: string | null;
  /** Its name as it was sent. */
  readonly name: string | null;
}

/** What traces are asked for, at whatever time: all of this holds for them. */
export interface TraceQuestion {
  /** What one and the same span of the trace fulfils; none: any trace. */
  readonly span: readonly SpanCondition[];
  /** Whether any span of it failed; null: either. */
  readonly failed: boolean | null;
  /** The span that `rootSpan` finds. */
  readonly root: AskedRoot;
  /** From its first start to its last end, ns, inclusive; null: no bound. */
  readonly minDurationNs: number | null;
  /** ns, inclusive; null: no bound. */
  readonly maxDurationNs: number | null;
}

/** Which traces are asked for: those for which all of this holds. */
export interface TraceFilter extends TraceQuestion {
  /** It starts at or after this, ns since the epoch. */
  readonly fromNs: bigint;
  /** It starts before this, ns since the epoch. */
  readonly toNs: bigint;
}

/** Asks for every trace. */
export const ANY_TRACE: TraceQuestion = {
  span: [],
  failed: null,
  root: { service: null, name: null },
  minDurationNs: null,
  maxDurationNs: null,
};
