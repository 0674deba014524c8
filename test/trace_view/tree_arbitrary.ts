import * as fc from "fast-check";
import type { Span } from "../../src/spans/span.ts";
import { makeSpan, resourceOf } from "./make_span.ts";

const MAX_SPANS = 12;
const MAX_NS = 24;
const HOSTS = ["a", "b"].map((host) => resourceOf("shop", { "host.id": host }));

/**
 * The spans of a trace in a random order: several roots, parents that are not
 * there, spans that are their own ancestors, and times of which many touch.
 */
export const traceArbitrary: fc.Arbitrary<Span[]> = fc.array(
  fc.record({
    parent: fc.integer({ min: 0, max: MAX_SPANS + 1 }),
    from: fc.integer({ min: 0, max: MAX_NS }),
    length: fc.integer({ min: -1, max: MAX_NS }),
    resource: fc.constantFrom(...HOSTS),
    kind: fc.constantFrom<Span["kind"]>(0, 1, 2, 3, 4, 5),
  }),
  { minLength: 1, maxLength: MAX_SPANS, size: "max" },
).chain((drawn) =>
  fc.shuffledSubarray(
    drawn.map(({ parent, from, length, resource, kind }, at) =>
      makeSpan({
        id: at + 1,
        parent,
        from,
        to: from + length,
        resource,
      }, { kind })
    ),
    { minLength: drawn.length },
  )
);
