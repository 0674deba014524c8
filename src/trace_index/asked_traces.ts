import { nodeId } from "../map/node_identity.ts";
import { StatusCode } from "../map/span_kind.ts";
import { OVERFLOW_NAME } from "../map/window_entries.ts";
import type { SpanCondition, TraceFilter } from "../search/trace_filter.ts";
import { askedHash, keyHash } from "./attribute_hash.ts";
import type { AskedHash } from "./page_attributes.ts";

/** Values of attributes that a search compares with the rows of pages. */
export const MAX_ASKED_ATTRIBUTES = 24;

/** The services of which a search wants spans. */
export interface AskedServices {
  /** Their names, as `nodeId` encodes them. */
  readonly names: ReadonlySet<string>;
  /** Whether spans of them have to have failed. */
  readonly failed: boolean;
}

/** What a trace has to have at least, to be one that a search wants. */
export interface AskedTraces {
  /** null: spans of whichever services. */
  readonly services: AskedServices | null;
  /** Of each list a trace has to have one value. */
  readonly attributes: readonly (readonly AskedHash[])[];
  /** Whether anything at all is asked of attributes. */
  readonly hasAttributes: boolean;
}

/** What a filter asks for, as far as pages of the index tell of it. */
export function askedTraces({ span }: Pick<TraceFilter, "span">): AskedTraces {
  const attributes: (readonly AskedHash[])[] = [];
  let count = 0;
  for (const condition of span) {
    const values = askedValues(condition);
    if (values === null) continue;
    count += values.length;
    // Without the others it finds more than it need, not less.
    if (count > MAX_ASKED_ATTRIBUTES) break;
    attributes.push(values);
  }
  const services = askedServices(span);
  return { services, attributes, hasAttributes: span.some(isOfAttributes) };
}

function isOfAttributes(condition: SpanCondition): boolean {
  return condition.on === "anyOf"
    ? condition.conditions.some(isOfAttributes)
    : condition.on === "attribute";
}

/** Services of which a trace has to have spans; null where any may do. */
function askedServices(
  conditions: readonly SpanCondition[],
): AskedServices | null {
  const [name] = conditions.flatMap((condition) =>
    condition.on === "service" ? [condition.service.name] : []
  );
  if (name === undefined) return null;
  // What the map counts as one keeps its name in the span alone.
  const encoded = [name, OVERFLOW_NAME].map((one) =>
    nodeId({ namespace: "", name: one, environment: "" })
  );
  const failed = conditions.some((condition) =>
    condition.on === "status" && condition.status === StatusCode.ERROR
  );
  return { names: new Set(encoded), failed };
}

/** Values of which a span needs one; null: it may do without. */
function askedValues(condition: SpanCondition): readonly AskedHash[] | null {
  const alternatives = condition.on === "anyOf"
    ? condition.conditions
    : [condition];
  const values: AskedHash[] = [];
  for (const one of alternatives) {
    if (one.on !== "attribute") return null;
    const hash = askedHash(keyHash(one.key), one.value);
    if (hash === null) return null;
    values.push({ key: one.key, hash });
  }
  return values;
}
