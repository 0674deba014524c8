import { SpanKind } from "../map/span_kind.ts";
import type { AttributeValue, Resource, Span } from "../spans/span.ts";
import { attributesJson, isAttributes } from "./attribute_json.ts";
import { type Interval, spanInterval } from "./interval.ts";
import type { SpanTree } from "./span_tree.ts";

/**
 * What has to be added to the times of each span, ns, so that a call lies
 * within its caller's time although their clocks differ: 0 for most.
 *
 * A span of another clock than its parent's that is not within its parent's
 * time is moved: into the middle where it is shorter, to the parent's start
 * where it is longer and starts before. What a message causes may come at any
 * time after it was sent, so that is only ever moved to the sender's start. A
 * span of its parent's clock moves with its parent, and never by itself.
 *
 * Source: Jaeger's `CorrectClockSkew`, which knows a clock by `host.id`,
 * `host.ip` or `host.name`; here spans of one resource share a clock, too,
 * and messages are excepted.
 *
 * @returns One a span, in the order of `tree.spans`.
 */
export function skewAdjustments(tree: SpanTree): bigint[] {
  const adjustments = tree.spans.map(() => 0n);
  const clocks = new Map<Resource, string>();
  for (const at of tree.topDown) {
    const parentAt = tree.parents[at] ?? -1;
    const span = tree.spans[at];
    const parent = tree.spans[parentAt];
    if (span === undefined || parent === undefined) continue;
    const inherited = adjustments[parentAt] ?? 0n;
    adjustments[at] = clockOf(span, clocks) === clockOf(parent, clocks)
      ? inherited
      : skew(span, parent, inherited);
  }
  return adjustments;
}

function skew(span: Span, parent: Span, parentAdjustment: bigint): bigint {
  const own = spanInterval(span, 0n);
  const around = spanInterval(parent, parentAdjustment);
  const ownNs = own.endNs - own.startNs;
  const aroundNs = around.endNs - around.startNs;
  const toStart = around.startNs - own.startNs;
  if (ownNs > aroundNs || isMessage(span, parent)) {
    return toStart > 0n ? toStart : 0n;
  }
  return isWithin(own, around) ? 0n : toStart + (aroundNs - ownNs) / 2n;
}

function isMessage(span: Span, parent: Span): boolean {
  return span.kind === SpanKind.CONSUMER || parent.kind === SpanKind.PRODUCER;
}

function isWithin(inner: Interval, outer: Interval): boolean {
  return inner.startNs >= outer.startNs && inner.endNs <= outer.endNs;
}

function clockOf({ resource }: Span, known: Map<Resource, string>): string {
  const before = known.get(resource);
  if (before !== undefined) return before;
  const clock = hostOf(resource) ??
    JSON.stringify(attributesJson(resource.attributes));
  known.set(resource, clock);
  return clock;
}

function hostOf({ attributes }: Resource): string | undefined {
  return nonEmptyText(attributes.get("host.id")) ??
    nonEmptyText(firstOf(attributes.get("host.ip"))) ??
    nonEmptyText(attributes.get("host.name"));
}

function firstOf(value: AttributeValue | undefined): typeof value {
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Uint8Array || isAttributes(value)) return undefined;
  return value[0];
}

function nonEmptyText(value: AttributeValue | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
