import type { Bindings } from "../bindings.ts";
import { logFault } from "../http/log.ts";
import type { MappingBook } from "./mapping_book.ts";
import { MAPPING_KEPT_MS } from "./mapping_limits.ts";
import { purgeMappings, writeMappings } from "./mapping_store.ts";

/**
 * Writes what an isolate saw, and once in a while deletes what is forgotten.
 * Never rejects: what D1 did not take goes back into the book. What is lost with
 * an isolate is a few counts.
 *
 * @param options `of`: a tenant all of whose rows are written, due or not.
 */
export async function flushMappings(
  book: MappingBook,
  { DB }: Pick<Bindings, "DB">,
  { nowMs, of }: { readonly nowMs: number; readonly of?: string },
): Promise<void> {
  for (const taken of book.takeDue(nowMs, of)) {
    try {
      await writeMappings(DB, taken.tenant, taken.rows);
    } catch (error) {
      book.putBack(taken);
      logFault("mappings_not_written", error, { tenant: taken.tenant });
    }
  }
  if (!book.purgeIsDue(nowMs)) return;
  try {
    await purgeMappings(DB, nowMs - MAPPING_KEPT_MS);
  } catch (error) {
    logFault("mappings_not_purged", error);
  }
}
