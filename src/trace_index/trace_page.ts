import { ByteReader } from "../codec/byte_reader.ts";
import { ByteWriter } from "../codec/byte_writer.ts";
import { TRACE_ID_BYTES } from "../trace/span_facts_codec.ts";
import { readStrings, StringTable } from "../trace/string_table.ts";
import { UNINDEXED } from "./indexed_attributes.ts";
import type { AskedTraces } from "./asked_traces.ts";
import {
  AttributeTable,
  AttributeTableReader,
  type PageAttributes,
} from "./page_attributes.ts";
import { scanSummary } from "./scan_summary.ts";
import { readSummary, type TraceSummary, writeSummary } from "./summary.ts";

const VERSION = 2;
/** Its summaries tell of no attributes. */
const WITHOUT_ATTRIBUTES = 1;
/** Traces of one page: one row of the index. */
export const PAGE_TRACES = 256;
/** A page is closed at about this size; the platform's rows have 2 MB. */
export const PAGE_BYTES = 512 * 1024;
/** Services that a page names; one with more is looked at for any service. */
export const MAX_PAGE_SERVICES = 2000;
const NS_PER_MS = 1_000_000n;

/** A place in the order in which traces are found: the newest first. */
export interface TracePosition {
  readonly startNs: bigint;
  /** A byte string of 16. */
  readonly traceId: string;
}

/** Summaries of some traces of a segment, newest first, in one row. */
export interface TracePage {
  /** Of the oldest start, ms since the epoch, rounded down. */
  readonly fromMs: number;
  /** Of the newest start, ms since the epoch, rounded down. */
  readonly untilMs: number;
  readonly traces: number;
  /** Names of services (as `nodeId` encodes them) and `failedIn`, one a line. */
  readonly services: string;
  readonly attributes: PageAttributes;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Orders by start, the newest first; those that start at once by id. */
export function byPosition(a: TracePosition, b: TracePosition): number {
  if (a.startNs !== b.startNs) return a.startNs > b.startNs ? -1 : 1;
  return a.traceId < b.traceId ? -1 : a.traceId > b.traceId ? 1 : 0;
}

/** Packs summaries into pages of at most PAGE_TRACES and about PAGE_BYTES. */
export function packPages(summaries: readonly TraceSummary[]): TracePage[] {
  const pages: TracePage[] = [];
  let writer = new PageWriter();
  for (const summary of summaries.toSorted(byPosition)) {
    if (writer.isFull) {
      pages.push(...writer.finish());
      writer = new PageWriter();
    }
    writer.add(summary);
  }
  return [...pages, ...writer.finish()];
}

/** About what its row takes. */
export function bytesOfPage({ services, attributes, body }: TracePage): number {
  return services.length + attributes.keys.length + attributes.hashes.length +
    body.length;
}

class PageWriter {
  readonly #strings = new StringTable();
  readonly #body = new ByteWriter();
  readonly #services: Set<string> = new Set();
  readonly #attributes = new AttributeTable();
  #newest: TraceSummary | null = null;
  #oldest: TraceSummary | null = null;
  #traces = 0;

  get isFull(): boolean {
    const bytes = this.#body.length + this.#strings.maxBytes +
      this.#attributes.maxBytes;
    return this.#traces >= PAGE_TRACES || bytes >= PAGE_BYTES;
  }

  add(summary: TraceSummary): void {
    this.#newest ??= summary;
    this.#oldest = summary;
    this.#traces++;
    this.#body.rawString(summary.traceId);
    writeSummary(this.#body, summary, this.#strings);
    this.#attributes.add(this.#body, summary.attributes);
    for (const { service, errors } of summary.groups) {
      const name = nameOfId(service);
      this.#services.add(name);
      if (errors > 0) this.#services.add(failedIn(name));
    }
    if (summary.overflowed) this.#services.add(ANY_SERVICE);
  }

  finish(): TracePage[] {
    if (this.#newest === null || this.#oldest === null) return [];
    const body = new ByteWriter();
    body.varint(VERSION);
    this.#strings.write(body);
    this.#attributes.write(body);
    body.raw(this.#body.finish());
    const tooMany = this.#services.size > MAX_PAGE_SERVICES;
    const services = tooMany ? [ANY_SERVICE] : [...this.#services];
    return [{
      fromMs: Number(this.#oldest.startNs / NS_PER_MS),
      untilMs: Number(this.#newest.startNs / NS_PER_MS),
      traces: this.#traces,
      services: `\n${services.join("\n")}\n`,
      attributes: this.#attributes.ofPage(),
      body: body.finish(),
    }];
  }
}

/** How a page notes that spans of a service of this name failed. */
export function failedIn(name: string): string {
  return `!${name}`;
}

/** The name in a `nodeId`, encoded as it is there. */
function nameOfId(id: string): string {
  const at = id.indexOf("@");
  return id.slice(id.indexOf("/") + 1, at === -1 ? id.length : at);
}

/** Stands in a page's services where a summary does not tell all of them. */
export const ANY_SERVICE = "*";

/**
 * The summaries of a page, newest first.
 *
 * @param asked null: all of them; otherwise those that have what is asked for,
 *   or may have.
 * @throws {RangeError} Where the bytes are of another version or cut short.
 */
export function unpackPage(
  body: Uint8Array,
  asked: AskedTraces | null = null,
): readonly TraceSummary[] {
  const from = new ByteReader(body);
  const version = from.varint();
  if (version !== VERSION && version !== WITHOUT_ATTRIBUTES) {
    throw new RangeError(`Cannot read a page of version "${version}"`);
  }
  const strings = readStrings(from);
  const table = version === WITHOUT_ATTRIBUTES
    ? null
    : new AttributeTableReader(from);
  const mayBeAsked = asked === null || isForAny(asked)
    ? null
    : summaryScan(asked, { strings, table });
  const summaries: TraceSummary[] = [];
  while (!from.done) {
    const { at } = from;
    if (mayBeAsked !== null && !mayBeAsked(from)) continue;
    const reader = mayBeAsked === null
      ? from
      : new ByteReader(body.subarray(at, from.at));
    const id = reader.rawString(TRACE_ID_BYTES);
    const summary = readSummary(reader, id, strings);
    summaries.push(summary);
    if (asked?.hasAttributes === false) table?.skip(reader);
    else summary.attributes = table?.read(reader) ?? UNINDEXED;
  }
  return summaries;
}

function isForAny({ services, attributes }: AskedTraces): boolean {
  return services === null && attributes.length === 0;
}

/** Reads over a summary; tells whether it has what is asked for, or may have. */
function summaryScan(
  { services, attributes }: AskedTraces,
  { strings, table }: {
    readonly strings: readonly string[];
    readonly table: AttributeTableReader | null;
  },
): (from: ByteReader) => boolean {
  const scanned = services === null ? null : {
    numbers: numbersOf(strings, services.names),
    failed: services.failed,
  };
  const wanted = attributes.map((values) => table?.numbersOf(values) ?? null)
    .filter((numbers) => numbers !== null);
  return (from) => {
    from.raw(TRACE_ID_BYTES);
    const hasServices = scanSummary(from, scanned);
    const hasValues = table?.scan(from, wanted) ?? true;
    return hasServices && hasValues;
  };
}

/** Where a table has services of some names. */
function numbersOf(
  strings: readonly string[],
  names: ReadonlySet<string>,
): ReadonlySet<number> {
  const numbers = new Set<number>();
  strings.forEach((text, number) => {
    if (names.has(nameOfId(text))) numbers.add(number);
  });
  return numbers;
}
