import type { ByteReader } from "../codec/byte_reader.ts";
import type { ByteWriter } from "../codec/byte_writer.ts";
import { nodeId } from "../map/node_identity.ts";
import type { SpanKind } from "../map/span_kind.ts";
import { isFailed } from "../trace/edges.ts";
import type { SpanFacts } from "../trace/span_facts.ts";
import {
  copyAttributes,
  type IndexedAttributes,
  joinedAttributes,
  UNINDEXED,
} from "./indexed_attributes.ts";
import { SPAN_ID_BYTES } from "../trace/span_facts_codec.ts";
import { stringAt, type StringTable } from "../trace/string_table.ts";

/** Groups of spans that a summary tells apart; it is less exact beyond. */
export const MAX_SPAN_GROUPS = 64;
/** Cloud resources that a summary names; it is less exact beyond. */
export const MAX_SUMMARY_RESOURCES = 64;
const NS_PER_S = 1_000_000_000n;

/** Spans of a trace that are alike. */
export interface SpanGroup {
  /** `nodeId` of the service. */
  readonly service: string;
  /** As the map has it (`foldName`). */
  readonly operation: string;
  readonly kind: SpanKind;
  spans: number;
  errors: number;
  /** Of the fastest of them, ns. */
  minNs: number;
  /** Of the slowest, ns. */
  maxNs: number;
}

/** The span that a trace is called by. */
export interface TraceRoot {
  /** `nodeId` of its service. */
  readonly service: string;
  readonly operation: string;
  readonly startNs: bigint;
  /** A byte string of 8. */
  readonly spanId: string;
  /** Whether it has no parent; otherwise the first of those that are there. */
  readonly first: boolean;
}

/** What a search needs to know of a trace. */
export interface TraceSummary {
  /** A byte string of 16. */
  readonly traceId: string;
  /** Of the span that starts first, ns since the epoch. */
  startNs: bigint;
  /** Of the span that ends last, ns since the epoch. */
  endNs: bigint;
  /** null without spans. */
  root: TraceRoot | null;
  spanCount: number;
  errorCount: number;
  readonly groups: SpanGroup[];
  /** Ids of cloud resources that its spans ran on. */
  readonly resourceIds: string[];
  /** Whether there is more than the groups and resources tell. */
  overflowed: boolean;
  /** Which `addSpan` does not know of. */
  attributes: IndexedAttributes;
}

/** What of a span a summary counts. */
export type SummarisedSpan = Pick<
  SpanFacts,
  | "spanId"
  | "parentId"
  | "kind"
  | "status"
  | "startHigh"
  | "startLow"
  | "durationNs"
  | "service"
  | "operation"
>;

/** The summary of a trace without spans. */
export function emptySummary(traceId: string): TraceSummary {
  return {
    traceId,
    startNs: 0n,
    endNs: 0n,
    root: null,
    spanCount: 0,
    errorCount: 0,
    groups: [],
    resourceIds: [],
    overflowed: false,
    attributes: UNINDEXED,
  };
}

/**
 * Adds a span that the summary does not count yet.
 *
 * @param resourceIds Of the cloud resources that it ran on.
 */
export function addSpan(
  summary: TraceSummary,
  span: SummarisedSpan,
  resourceIds: readonly string[],
): void {
  const startNs = (BigInt(span.startHigh) << 32n) | BigInt(span.startLow);
  const endNs = startNs + BigInt(span.durationNs);
  const failed = isFailed(span);
  const service = nodeId(span.service);
  if (summary.spanCount === 0 || startNs < summary.startNs) {
    summary.startNs = startNs;
  }
  if (summary.spanCount === 0 || endNs > summary.endNs) summary.endNs = endNs;
  summary.spanCount++;
  if (failed) summary.errorCount++;
  const first = span.parentId === "";
  const { operation, spanId } = span;
  const root = { service, operation, startNs, spanId, first };
  summary.root = rootOf(summary.root, root);
  addToGroup(summary, { service, span, failed });
  for (const id of resourceIds) addResource(summary, id);
}

function rootOf(known: TraceRoot | null, other: TraceRoot): TraceRoot {
  if (known === null) return other;
  if (known.first !== other.first) return known.first ? known : other;
  if (known.startNs !== other.startNs) {
    return known.startNs < other.startNs ? known : other;
  }
  // As `rootSpan` has it. What came first must not matter, even where the two
  // halves of a call share an id.
  if (known.spanId !== other.spanId) {
    return known.spanId < other.spanId ? known : other;
  }
  const ofKnown = known.service + known.operation;
  return ofKnown <= other.service + other.operation ? known : other;
}

function addToGroup(
  summary: TraceSummary,
  { service, span, failed }: {
    readonly service: string;
    readonly span: SummarisedSpan;
    readonly failed: boolean;
  },
): void {
  const { durationNs, operation, kind } = span;
  joinGroup(summary, {
    service,
    operation,
    kind,
    spans: 1,
    errors: failed ? 1 : 0,
    minNs: durationNs,
    maxNs: durationNs,
  });
}

function joinGroup(summary: TraceSummary, other: SpanGroup): void {
  const group = summary.groups.find((one) =>
    one.operation === other.operation && one.service === other.service &&
    one.kind === other.kind
  );
  if (group !== undefined) {
    group.spans += other.spans;
    group.errors += other.errors;
    group.minNs = Math.min(group.minNs, other.minNs);
    group.maxNs = Math.max(group.maxNs, other.maxNs);
  } else if (summary.groups.length < MAX_SPAN_GROUPS) {
    summary.groups.push({ ...other });
  } else {
    summary.overflowed = true;
  }
}

function addResource(summary: TraceSummary, id: string): void {
  const { resourceIds } = summary;
  if (resourceIds.includes(id)) return;
  if (resourceIds.length < MAX_SUMMARY_RESOURCES) resourceIds.push(id);
  else summary.overflowed = true;
}

/** A summary that can be added to without changing this one. */
export function copySummary(summary: TraceSummary): TraceSummary {
  return {
    ...summary,
    groups: summary.groups.map((group) => ({ ...group })),
    resourceIds: [...summary.resourceIds],
    attributes: copyAttributes(summary.attributes),
  };
}

/**
 * The summary of a trace of which two parts are known. A span that is in both
 * counts twice: until the parts are put together, that is what is known.
 */
export function joinedSummary(
  known: TraceSummary | undefined,
  other: TraceSummary,
): TraceSummary {
  if (known === undefined) return other;
  const joined = copySummary(known);
  if (other.startNs < joined.startNs) joined.startNs = other.startNs;
  if (other.endNs > joined.endNs) joined.endNs = other.endNs;
  if (other.root !== null) joined.root = rootOf(joined.root, other.root);
  joined.spanCount += other.spanCount;
  joined.errorCount += other.errorCount;
  joined.overflowed ||= other.overflowed;
  for (const group of other.groups) joinGroup(joined, group);
  for (const id of other.resourceIds) addResource(joined, id);
  joined.attributes = joinedAttributes(known.attributes, other.attributes);
  return joined;
}

/** Appends a summary without its trace's id and its attributes. */
export function writeSummary(
  to: ByteWriter,
  summary: TraceSummary,
  strings: StringTable,
): void {
  const { root, groups, resourceIds } = summary;
  writeTime(to, summary.startNs);
  writeTime(to, summary.endNs);
  to.varint(summary.spanCount);
  to.varint(summary.errorCount);
  to.byte(
    (summary.overflowed ? 1 : 0) | (root === null ? 0 : 2) |
      (root?.first === true ? 4 : 0),
  );
  if (root !== null) {
    to.varint(strings.number(root.service));
    to.varint(strings.number(root.operation));
    writeTime(to, root.startNs);
    to.rawString(root.spanId);
  }
  to.varint(groups.length);
  for (const group of groups) {
    to.varint(strings.number(group.service));
    to.varint(strings.number(group.operation));
    to.byte(group.kind);
    to.varint(group.spans);
    to.varint(group.errors);
    to.varint(group.minNs);
    to.varint(group.maxNs - group.minNs);
  }
  to.varint(resourceIds.length);
  for (const id of resourceIds) to.varint(strings.number(id));
}

/**
 * Reads what `writeSummary` appended.
 *
 * @throws {RangeError} Where the bytes are none.
 */
export function readSummary(
  from: ByteReader,
  traceId: string,
  strings: readonly string[],
): TraceSummary {
  const startNs = readTime(from);
  const endNs = readTime(from);
  const spanCount = from.varint();
  const errorCount = from.varint();
  const flags = from.byte();
  const root = (flags & 2) === 0 ? null : {
    service: stringAt(strings, from.varint()),
    operation: stringAt(strings, from.varint()),
    startNs: readTime(from),
    spanId: from.rawString(SPAN_ID_BYTES),
    first: (flags & 4) !== 0,
  };
  const groups = Array.from({ length: from.varint() }, (): SpanGroup => {
    const service = stringAt(strings, from.varint());
    const operation = stringAt(strings, from.varint());
    const kind = from.byte() as SpanKind;
    const spans = from.varint();
    const errors = from.varint();
    const minNs = from.varint();
    const maxNs = minNs + from.varint();
    return { service, operation, kind, spans, errors, minNs, maxNs };
  });
  const resourceIds = Array.from(
    { length: from.varint() },
    () => stringAt(strings, from.varint()),
  );
  return {
    traceId,
    startNs,
    endNs,
    root,
    spanCount,
    errorCount,
    groups,
    resourceIds,
    overflowed: (flags & 1) !== 0,
    attributes: UNINDEXED,
  };
}

function writeTime(to: ByteWriter, ns: bigint): void {
  to.varint(Number(ns / NS_PER_S));
  to.varint(Number(ns % NS_PER_S));
}

function readTime(from: ByteReader): bigint {
  const seconds = BigInt(from.varint());
  return seconds * NS_PER_S + BigInt(from.varint());
}
