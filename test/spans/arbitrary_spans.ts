import fc from "fast-check";
import { hex } from "../otlp/plain_batch.ts";
import type {
  Attributes,
  AttributeValue,
  Resource,
  Scope,
  Span,
} from "../../src/spans/span.ts";

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.constantFrom("", "__proto__", "\ufeffbom", 'a\n"b"\\', "é".repeat(3000)),
);
const uint32 = fc.oneof(fc.nat(300), fc.constantFrom(0, 2 ** 31, 2 ** 32 - 1));
const uint64 = fc.oneof(
  fc.bigInt(1n, 2n ** 64n - 1n),
  fc.constantFrom(2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n),
);
const int64 = fc.oneof(
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  fc.constantFrom(0n, -1n, 2n ** 53n + 1n, -(2n ** 63n), 2n ** 63n - 1n),
);

const { attributes } = fc.letrec<
  { value: AttributeValue; attributes: Attributes }
>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    text,
    fc.boolean(),
    int64,
    fc.double(),
    fc.constantFrom(-0, NaN, Infinity, 5e-324),
    fc.uint8Array({ maxLength: 9 }),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 3 }),
    tie("attributes"),
  ),
  attributes: fc.array(fc.tuple(text, tie("value")), { maxLength: 4 })
    .map((pairs) => new Map(pairs)),
}));

function idOf(bytes: number): fc.Arbitrary<string> {
  return fc.uint8Array({ minLength: bytes, maxLength: bytes })
    .map(hex);
}

const parentId = fc.oneof(
  fc.constant(""),
  idOf(8).filter((id) => /[1-9a-f]/.test(id)),
);

/** A resource with whatever in each field. */
export const resource: fc.Arbitrary<Resource> = fc.record({
  attributes,
  droppedAttributes: uint32,
  schemaUrl: text,
});

/** A scope with whatever in each field. */
export const scope: fc.Arbitrary<Scope> = fc.record({
  name: text,
  version: text,
  attributes,
  droppedAttributes: uint32,
  schemaUrl: text,
});

const event = fc.record({
  timeNs: uint64,
  name: text,
  attributes,
  droppedAttributes: uint32,
});

const link = fc.record({
  traceId: idOf(16),
  spanId: idOf(8),
  traceState: text,
  attributes,
  droppedAttributes: uint32,
  flags: uint32,
});

/** A span with whatever in each field of its own. */
export const ownFields = fc.record({
  traceId: idOf(16),
  spanId: idOf(8),
  parentSpanId: parentId,
  traceState: text,
  flags: uint32,
  name: text,
  kind: fc.constantFrom(0, 1, 2, 3, 4, 5),
  startNs: uint64,
  endNs: uint64,
  attributes,
  droppedAttributes: uint32,
  events: fc.array(event, { maxLength: 2 }),
  droppedEvents: uint32,
  links: fc.array(link, { maxLength: 2 }),
  droppedLinks: uint32,
  status: fc.record({ code: fc.constantFrom(0, 1, 2), message: text }),
});

/** Spans of a body: those of a resource, and of a scope, next to each other. */
export const arbitrarySpans: fc.Arbitrary<readonly Span[]> = fc.array(
  fc.tuple(
    resource,
    fc.array(
      fc.tuple(scope, fc.array(ownFields, { minLength: 1, maxLength: 3 })),
      { minLength: 1, maxLength: 2 },
    ),
  ),
  { maxLength: 3 },
).map((resources) =>
  resources.flatMap(([ofResource, scopes]) =>
    scopes.flatMap(([ofScope, spans]) =>
      spans.map((span) => ({ ...span, resource: ofResource, scope: ofScope }))
    )
  )
);

/** The runs of spans that have the same resource, or scope. */
export function runsOf(
  spans: readonly Span[],
  shared: "resource" | "scope",
): Span[][] {
  const runs: Span[][] = [];
  for (const span of spans) {
    const run = runs.at(-1);
    if (run !== undefined && run[0]?.[shared] === span[shared]) run.push(span);
    else runs.push([span]);
  }
  return runs;
}
