import type { SeededRandom } from "../../src/local/seeded_random.ts";
import type { ShopSpan } from "../../src/local/shop_span.ts";
import { type SpanKind, StatusCode } from "../../src/map/span_kind.ts";

const NS_PER_MS = 1_000_000n;

/** What a span is made from; all but its service and kind may be left out. */
export interface SpanSketch {
  /** `service.name`; "" leaves the attribute out. */
  readonly service: string;
  readonly kind: SpanKind;
  /** Where it is a child: the parent. */
  readonly parent?: ShopSpan;
  readonly links?: readonly ShopSpan[];
  /** ms since the epoch. @default {now} */
  readonly endMs?: number;
  /** @default {10} */
  readonly durationMs?: number;
  readonly failed?: boolean;
  readonly traceState?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** A span with ids of its own. */
export function makeSpan(random: SeededRandom, sketch: SpanSketch): ShopSpan {
  const { service, parent, endMs = Date.now(), durationMs = 10 } = sketch;
  const resource: Record<string, string> = service === ""
    ? {}
    : { "service.name": service };
  return {
    service: {
      node: { namespace: "", name: service, environment: "" },
      resource,
    },
    traceId: parent?.traceId ?? random.hex(16),
    spanId: random.hex(8),
    parentSpanId: parent?.spanId ?? "",
    traceState: sketch.traceState ?? "",
    name: "work",
    kind: sketch.kind,
    status: sketch.failed ? StatusCode.ERROR : StatusCode.UNSET,
    startNs: BigInt(endMs - durationMs) * NS_PER_MS,
    endNs: BigInt(endMs) * NS_PER_MS,
    attributes: sketch.attributes ?? {},
    links: sketch.links ?? [],
  };
}
