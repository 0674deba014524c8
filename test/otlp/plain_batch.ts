import type { ReadResult } from "../../src/otlp/read_result.ts";
import type { RejectionReason } from "../../src/otlp/rejection.ts";
import type { SpanBatch, SpanRow } from "../../src/otlp/span_batch.ts";

/** A batch with its ids as hex, for comparison. */
export interface PlainBatch {
  readonly spans: readonly PlainSpan[];
  readonly rejected: number;
  readonly rejection: string;
  readonly rejectedSpans: readonly number[];
  readonly rejections: Readonly<Partial<Record<RejectionReason, number>>>;
  readonly droppedLinks: number;
}

/** A span with its ids as hex and its start as one number. */
export interface PlainSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** "" for a root. */
  readonly parentId: string;
  readonly kind: number;
  readonly status: number;
  readonly start: bigint;
  readonly durationNs: number;
  readonly name: string;
  readonly traceState: string;
  readonly resource: Readonly<Record<string, string>>;
  readonly attributes: Readonly<Record<string, string>> | null;
  /** `traceId:spanId` of each. */
  readonly links: readonly string[] | null;
}

/** The batch that was read; fails where there is none. */
export function batchOf(result: ReadResult): SpanBatch {
  if (!result.ok) throw new Error(`Cannot read the batch: ${result.reason}`);
  return result.batch;
}

/** A batch, ready to be compared. */
export function plainBatch(batch: SpanBatch): PlainBatch {
  return {
    spans: batch.spans.map((row) => plainSpan(row, batch.ids)),
    rejected: batch.rejected,
    rejection: batch.rejection,
    rejectedSpans: batch.rejectedSpans,
    rejections: Object.fromEntries(batch.rejections),
    droppedLinks: batch.droppedLinks,
  };
}

function plainSpan(row: SpanRow, ids: Uint8Array): PlainSpan {
  const { links } = row;
  return {
    traceId: hexAt(ids, row.traceAt, 16),
    spanId: hexAt(ids, row.spanAt, 8),
    parentId: row.parentAt === -1 ? "" : hexAt(ids, row.parentAt, 8),
    kind: row.kind,
    status: row.status,
    start: BigInt(row.startHigh) * 2n ** 32n + BigInt(row.startLow),
    durationNs: row.durationNs,
    name: row.name,
    traceState: row.traceState,
    resource: { ...row.resource },
    attributes: row.attributes === null ? null : { ...row.attributes },
    links: links === null ? null : plainLinks(links, ids),
  };
}

function plainLinks(links: readonly number[], ids: Uint8Array): string[] {
  const plain: string[] = [];
  for (let i = 0; i < links.length; i += 2) {
    const traceId = hexAt(ids, links[i] ?? -1, 16);
    plain.push(`${traceId}:${hexAt(ids, links[i + 1] ?? -1, 8)}`);
  }
  return plain;
}

/** `size` bytes from `at` as hex; fails where they are not all there. */
export function hexAt(bytes: Uint8Array, at: number, size: number): string {
  if (at < 0 || at + size > bytes.length) {
    throw new RangeError(`Cannot take ${size} bytes at ${at}`);
  }
  return hex(bytes.subarray(at, at + size));
}

/** Bytes as hex. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}
