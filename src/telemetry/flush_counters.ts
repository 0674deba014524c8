import type { Bindings } from "../bindings.ts";
import { logFault } from "../http/log.ts";
import { countersName } from "../object_names.ts";
import type { Count, CounterBook } from "./counters.ts";

/** Tenants whose counts one flush sends; the others come with the next. */
export const MAX_TENANTS_PER_FLUSH = 40;

/**
 * Sends what an isolate counted to the tenants' objects. It never rejects: what
 * an object did not take goes back into the book, and is sent with the next
 * flush. So a count is lost with its isolate alone, and counts twice where an
 * object's answer was lost: exact numbers of spans are those of the shards.
 */
export async function flushCounters(
  book: CounterBook,
  bindings: Pick<Bindings, "COUNTERS">,
): Promise<void> {
  const taken = [...book.drain()];
  for (const rest of taken.slice(MAX_TENANTS_PER_FLUSH)) putBack(book, rest);
  const sent = taken.slice(0, MAX_TENANTS_PER_FLUSH);
  const results = await Promise.allSettled(
    // Async: a binding that is missing throws, and must not lose the counts.
    sent.map(async ([tenant, counts]) => {
      await bindings.COUNTERS.getByName(countersName(tenant)).add(counts);
    }),
  );
  const failures: unknown[] = [];
  for (const [at, result] of results.entries()) {
    const entry = sent[at];
    if (result.status !== "rejected" || entry === undefined) continue;
    failures.push(result.reason);
    putBack(book, entry);
  }
  if (failures.length > 0) {
    logFault("counts_not_flushed", failures[0], { tenants: failures.length });
  }
}

function putBack(
  book: CounterBook,
  [tenant, counts]: readonly [string, readonly Count[]],
): void {
  for (const count of counts) book.add(tenant, count);
}
