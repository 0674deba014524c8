import { expect, test } from "vitest";
import { MappingBook } from "../../src/resources/mapping_book.ts";
import {
  BOOK_KEPT_MS,
  FIRST_FLUSH_WAIT_MS,
  LAST_FLUSH_WAIT_MS,
  MAX_BOOK_MAPPINGS,
  MAX_MAPPINGS_PER_FLUSH,
  MAX_MAPPINGS_PER_SERVICE,
} from "../../src/resources/mapping_limits.ts";

function seen(at: number, fields: object = {}) {
  return {
    tenant: "default",
    service: "cart",
    source: "host.id",
    resource: "i-1",
    lastSeenMs: at,
    traces: 1,
    ...fields,
  } as const;
}

function rowsOf(book: MappingBook, nowMs: number, of?: string) {
  return book.takeDue(nowMs, of).flatMap(({ rows }) => rows);
}

test("MappingBook writes a pair at once, then more and more seldom, and loses no count", () => {
  const book = new MappingBook();
  const writes: number[] = [];
  let traces = 0;
  const endMs = 4 * 3_600_000;
  for (let nowMs = 0; nowMs <= endMs; nowMs += 1000) {
    book.add(seen(nowMs));
    for (const row of rowsOf(book, nowMs)) {
      writes.push(nowMs);
      traces += row.traces;
    }
  }
  const gaps = writes.slice(1).map((ms, at) => ms - (writes[at] ?? 0));
  expect(gaps.slice(0, 3)).toEqual([10_000, 20_000, 40_000]);
  expect(gaps[0]).toBe(FIRST_FLUSH_WAIT_MS);
  expect(gaps.at(-1)).toBe(LAST_FLUSH_WAIT_MS);
  for (const row of rowsOf(book, endMs + LAST_FLUSH_WAIT_MS)) {
    traces += row.traces;
  }
  expect(traces).toBe(endMs / 1000 + 1);
  expect(rowsOf(book, endMs + BOOK_KEPT_MS)).toEqual([]);
});

test("MappingBook gives all of one tenant's when asked, and takes back what was not written", () => {
  const book = new MappingBook();
  book.add(seen(0));
  book.add(seen(0, { tenant: "other" }));
  expect(book.takeDue(0).map(({ tenant }) => tenant))
    .toEqual(["default", "other"]);
  book.add(seen(1, { traces: 2 }));
  book.add(seen(1, { tenant: "other" }));
  expect(rowsOf(book, 1)).toEqual([]);
  const [taken] = book.takeDue(1, "default");
  expect(taken).toMatchObject({ tenant: "default", rows: [{ traces: 2 }] });
  if (taken === undefined) return;
  book.putBack(taken);
  book.add(seen(2));
  expect(rowsOf(book, 2, "default")).toMatchObject([
    { traces: 3, firstSeenMs: 0, lastSeenMs: 2 },
  ]);
});

test("MappingBook remembers MAX_MAPPINGS_PER_SERVICE of each service, for an hour", () => {
  const book = new MappingBook();
  for (let at = 0; at < MAX_MAPPINGS_PER_SERVICE; at++) {
    expect(book.add(seen(0, { resource: `i-${at}` }))).toBe(true);
  }
  expect(book.add(seen(0, { resource: "one more" }))).toBe(false);
  expect(book.add(seen(0, { resource: "i-0" }))).toBe(true);
  expect(book.add(seen(0, { service: "other" }))).toBe(true);
  expect(book.add(seen(0, { tenant: "other" }))).toBe(true);
  rowsOf(book, 0);
  rowsOf(book, BOOK_KEPT_MS);
  expect(book.add(seen(0, { resource: "one more" }))).toBe(false);
  rowsOf(book, BOOK_KEPT_MS + 1);
  expect(book.add(seen(0, { resource: "one more" }))).toBe(true);
});

test("MappingBook has D1 purged once an hour, while it has seen anything", () => {
  const book = new MappingBook();
  expect(book.purgeIsDue(0)).toBe(false);
  book.add(seen(0));
  expect(book.purgeIsDue(0)).toBe(true);
  expect(book.purgeIsDue(BOOK_KEPT_MS - 1)).toBe(false);
  expect(book.purgeIsDue(BOOK_KEPT_MS)).toBe(true);
});

test("MappingBook remembers MAX_BOOK_MAPPINGS in all, and writes MAX_MAPPINGS_PER_FLUSH at a time", () => {
  const book = new MappingBook();
  for (let at = 0; at < MAX_BOOK_MAPPINGS; at++) {
    const service = `service-${at % 100}`;
    expect(book.add(seen(0, { service, resource: `i-${at}` }))).toBe(true);
  }
  expect(book.add(seen(0, { service: "new" }))).toBe(false);
  let taken = 0;
  for (;;) {
    const rows = rowsOf(book, 0);
    if (rows.length === 0) break;
    taken += rows.length;
    expect(rows).toHaveLength(MAX_MAPPINGS_PER_FLUSH);
  }
  expect(taken).toBe(MAX_BOOK_MAPPINGS);
});
