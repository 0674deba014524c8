import * as fc from "fast-check";
import { SpanKind } from "../../src/map/span_kind.ts";
import type { Resource, Scope, Span } from "../../src/spans/span.ts";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import { ownFields, resource, scope } from "../spans/arbitrary_spans.ts";

const NS_PER_MS = 1_000_000n;
/** Traces start within so long before now, ms. */
const PAST_MS = 600_000;
const SERVICES = ["web", "cart", "orders", "payments", "stock", ""];
const MAX_SPANS = 12;
const MAX_EARLY_NS = 10_000_000;
const MAX_DURATION_NS = 2_000_000_000;
/** Spans and resources with whatever fields that are made at once. */
const POOL = 400;
/** What is longer than that as text is large; of what is drawn, few are so. */
const SMALL_CHARS = 3000;
const LARGE_EVERY = 50;

/**
 * Traces with whatever in each field, of several services each; the same for
 * the same seed and time.
 *
 * @param options `nowMs`: before which they start, ms since the epoch.
 */
export function wholeTraces(
  count: number,
  { seed, nowMs }: { readonly seed: number; readonly nowMs: number },
): readonly (readonly Span[])[] {
  const random = new SeededRandom(seed);
  const pool: Pool = {
    fields: drawn(ownFields, { seed, draws: Math.min(count * 4, 4000) }),
    resources: drawn(resource, { seed, draws: POOL })
      .map((one, at) => named(one, SERVICES[at % SERVICES.length] ?? "")),
    scopes: drawn(scope, { seed, draws: POOL }),
  };
  return Array.from({ length: count }, () => wholeTrace(pool, random, nowMs));
}

/** Values of an arbitrary; the large ones mostly left out, to save time. */
function drawn<T>(
  arbitrary: fc.Arbitrary<T>,
  { seed, draws }: { readonly seed: number; readonly draws: number },
): readonly T[] {
  return fc.sample(arbitrary, { seed, numRuns: draws })
    .filter((one, at) =>
      at % LARGE_EVERY === 0 || fc.stringify(one).length < SMALL_CHARS
    );
}

type OwnFields = typeof ownFields extends fc.Arbitrary<infer T> ? T : never;

interface Pool {
  readonly fields: readonly OwnFields[];
  readonly resources: readonly Resource[];
  readonly scopes: readonly Scope[];
}

function named(one: Resource, service: string): Resource {
  if (service === "") return one;
  const attributes = new Map([...one.attributes, ["service.name", service]]);
  return { ...one, attributes };
}

function wholeTrace(pool: Pool, random: SeededRandom, nowMs: number): Span[] {
  const traceId = random.hex(16);
  const startNs = BigInt(nowMs - random.below(PAST_MS)) * NS_PER_MS;
  const resources = Array.from(
    { length: 1 + random.below(4) },
    () => pickOf(pool.resources, random),
  );
  const spans: Span[] = [];
  const count = 1 + random.below(MAX_SPANS);
  while (spans.length < count) {
    const fields = pickOf(pool.fields, random);
    const parent = spans.length === 0 || random.chance(0.05)
      ? null
      : pickOf(spans, random);
    const from = startNs + BigInt(random.below(MAX_EARLY_NS));
    const lasts = random.chance(0.1)
      ? -BigInt(random.below(1000))
      : BigInt(random.below(MAX_DURATION_NS));
    const span: Span = {
      ...fields,
      traceId,
      spanId: random.hex(8),
      parentSpanId: random.chance(0.05) ? random.hex(8) : parent?.spanId ?? "",
      startNs: from,
      endNs: from + lasts,
      resource: pickOf(resources, random),
      scope: pickOf(pool.scopes, random),
    };
    spans.push(span);
    // Zipkin gives both halves of a call one id.
    if (span.kind === SpanKind.CLIENT && random.chance(0.1)) {
      spans.push({ ...span, kind: SpanKind.SERVER, name: "the other half" });
    }
  }
  return spans;
}

function pickOf<T>(items: readonly T[], random: SeededRandom): T {
  const item = items[random.below(items.length)];
  if (item === undefined) throw new RangeError("Cannot pick of nothing");
  return item;
}
