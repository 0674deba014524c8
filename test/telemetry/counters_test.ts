import { expect, test } from "vitest";
import {
  type Count,
  CounterBook,
  MAX_BOOK_TENANTS,
} from "../../src/telemetry/counters.ts";

const FOLDED: Count = { counter: "folded_names", reason: "", amount: 2 };

test("CounterBook.drain() takes the sums out, by tenant and reason", () => {
  const book = new CounterBook();
  const refused = { counter: "requests", reason: "503", amount: 1 } as const;
  book.add("shop", FOLDED);
  book.add("shop", FOLDED);
  book.add("shop", refused);
  book.add("", refused);
  book.add("never", { ...FOLDED, amount: 0 });
  expect([...book.drain()]).toEqual([
    ["shop", [{ ...FOLDED, amount: 4 }, refused]],
    ["", [refused]],
  ]);
  expect(book.drain().size).toBe(0);
});

test("CounterBook.add() has room for MAX_BOOK_TENANTS, and counts what it lost", () => {
  const book = new CounterBook();
  book.add("", FOLDED);
  for (let tenant = 1; tenant <= MAX_BOOK_TENANTS; tenant++) {
    book.add(`t${tenant}`, FOLDED);
  }
  book.add(`t${MAX_BOOK_TENANTS}`, FOLDED);
  book.add("one more", FOLDED);
  book.add("two more", FOLDED);
  const counts = book.drain();
  expect(counts.size).toBe(MAX_BOOK_TENANTS + 1);
  expect(counts.get(`t${MAX_BOOK_TENANTS}`)).toEqual([{
    ...FOLDED,
    amount: 4,
  }]);
  expect(counts.get("")).toEqual([
    FOLDED,
    { counter: "lost_counts", reason: "", amount: 4 },
  ]);
});
