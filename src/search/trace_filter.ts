import type { SpanKind, StatusCode } from "../map/span_kind.ts";

/** How a duration is compared. */
export type Comparison = "=" | "!=" | "<" | "<=" | ">" | ">=";

/** A service as it is asked for; null: whichever. */
export interface AskedService {
  readonly name: string;
  readonly namespace: string | null;
  readonly environment: string | null;
}

/** What one span has to be like. */
export type SpanCondition =
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
    readonly scope: "span" | "resource" | "any";
    readonly key: string;
    /** A number equals an integer and a double of its value. */
    readonly value: string | number | boolean;
  };

/** Which traces are asked for: those for which all of this holds. */
export interface TraceFilter {
  /** What one and the same span of the trace fulfils; none: any trace. */
  readonly span: readonly SpanCondition[];
  /** Whether any span of it failed; null: either. */
  readonly failed: boolean | null;
  /** From its first start to its last end, ns, inclusive; null: no bound. */
  readonly minDurationNs: number | null;
  /** ns, inclusive; null: no bound. */
  readonly maxDurationNs: number | null;
  /** It starts at or after this, ns since the epoch. */
  readonly fromNs: bigint;
  /** It starts before this, ns since the epoch. */
  readonly toNs: bigint;
}
