import {
  describeRejection,
  type Rejection,
  type RejectionReason,
} from "./rejection.ts";
import type { SpanBatch, SpanRow } from "./span_batch.ts";

/** Most links of a span that are kept; the first ones are. */
export const MAX_LINKS_PER_SPAN = 128;

/** Most spans of a request that are read; all after them are rejected. */
export const MAX_SPANS_PER_REQUEST = 65_536;

/** Collects what both encodings read: accepted spans, and why others are not. */
export class SpanBatchBuilder {
  readonly #spans: SpanRow[] = [];
  readonly #rejectedSpans: number[] = [];
  readonly #rejections = new Map<RejectionReason, number>();
  // Described late: the resource may come after its spans.
  #first: Rejection | null = null;
  #surplus = 0;
  #droppedLinks = 0;

  /** Whether the request has as many spans as it may: no more are read. */
  isFull(): boolean {
    const read = this.#spans.length + this.#rejectedSpans.length;
    return read >= MAX_SPANS_PER_REQUEST;
  }

  /** Takes a span. */
  accept(span: SpanRow): void {
    this.#spans.push(span);
  }

  /** Counts a span that can never be accepted. */
  reject(rejection: Rejection): void {
    const { reason } = rejection;
    this.#rejectedSpans.push(this.#spans.length + this.#rejectedSpans.length);
    this.#rejections.set(reason, (this.#rejections.get(reason) ?? 0) + 1);
    this.#first ??= rejection;
  }

  /** Counts a span beyond {@linkcode MAX_SPANS_PER_REQUEST}. */
  rejectSurplus(): void {
    this.#surplus++;
  }

  /** Counts a link beyond {@linkcode MAX_LINKS_PER_SPAN}. */
  dropLink(): void {
    this.#droppedLinks++;
  }

  /** The batch; `ids` are the bytes that the rows' offsets point into. */
  finish(ids: Uint8Array): SpanBatch {
    if (this.#surplus > 0) this.#rejections.set("too_many", this.#surplus);
    return {
      ids,
      spans: this.#spans,
      rejected: this.#rejectedSpans.length + this.#surplus,
      rejection: this.#first === null
        ? this.#surplus > 0 ? TOO_MANY : ""
        : describeRejection(this.#first),
      rejectedSpans: this.#rejectedSpans,
      rejections: this.#rejections,
      droppedLinks: this.#droppedLinks,
    };
  }
}

const TOO_MANY = `the request has more than ${MAX_SPANS_PER_REQUEST} spans: ` +
  "send smaller batches";

/** Bytes of an id, by its field in the schema. */
export const ID_BYTES = { trace_id: 16, span_id: 8 } as const;

/** Why an id of `length` bytes is not one, in words. */
export function idProblem(
  field: keyof typeof ID_BYTES,
  length: number,
): string {
  const bytes = ID_BYTES[field];
  return length === bytes
    ? `${field} is all zeros`
    : `${field} has ${length} bytes, must be ${bytes}`;
}

/** Why a span without an end is rejected. */
export const NO_END_TIME = "end_time_unix_nano is missing or 0";
