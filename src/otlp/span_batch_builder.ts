import type { ResourceAttributes, SpanBatch, SpanRow } from "./span_batch.ts";

/** Most links of a span that are kept; the first ones are. */
export const MAX_LINKS_PER_SPAN = 128;

/** Collects what both encodings read: accepted spans, and why others are not. */
export class SpanBatchBuilder {
  readonly #spans: SpanRow[] = [];
  #rejected = 0;
  #first: Rejection | null = null;

  /** Takes a span. */
  accept(span: SpanRow): void {
    this.#spans.push(span);
  }

  /**
   * Counts a span that can never be accepted.
   *
   * @param problem What is wrong with it: `trace_id is all zeros`.
   */
  reject(problem: string, name: string, resource: ResourceAttributes): void {
    this.#rejected++;
    this.#first ??= { problem, name, resource };
  }

  /** The batch; `ids` are the bytes that the rows' offsets point into. */
  finish(ids: Uint8Array): SpanBatch {
    return {
      ids,
      spans: this.#spans,
      rejected: this.#rejected,
      rejection: this.#first === null ? "" : describe(this.#first),
    };
  }
}

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

interface Rejection {
  readonly problem: string;
  readonly name: string;
  // Described late: the resource may come after its spans.
  readonly resource: ResourceAttributes;
}

function describe({ problem, name, resource }: Rejection): string {
  const service = resource.serviceName === undefined
    ? "a service without a name"
    : `service ${JSON.stringify(resource.serviceName)}`;
  return `span ${JSON.stringify(name)} of ${service}: ${problem}`;
}
