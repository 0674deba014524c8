import {
  BOOK_KEPT_MS,
  FIRST_FLUSH_WAIT_MS,
  LAST_FLUSH_WAIT_MS,
  MAX_BOOK_MAPPINGS,
  MAX_MAPPINGS_PER_FLUSH,
  MAX_MAPPINGS_PER_SERVICE,
} from "./mapping_limits.ts";
import type { MappingRow } from "./mapping_row.ts";

/** What was seen, to be added to a row. */
export interface SeenMapping extends Omit<MappingRow, "firstSeenMs"> {
  readonly tenant: string;
}

interface Entry {
  readonly tenant: string;
  readonly service: string;
  readonly source: MappingRow["source"];
  readonly resource: string;
  firstSeenMs: number;
  lastSeenMs: number;
  /** Those that are not written. */
  traces: number;
  changed: boolean;
  /** When it is to be written next, ms since the epoch. */
  dueMs: number;
  waitMs: number;
}

/** Rows of one tenant that are to be written. */
export interface TakenMappings {
  readonly tenant: string;
  readonly rows: readonly MappingRow[];
}

/**
 * What an isolate saw of which service runs where. A pair is written when it is
 * new, then more and more seldom, so that traffic costs next to no writes: what
 * matters is that it is there, and until about when.
 *
 * A sender that makes ids up fills its own services' places, and no more: an
 * isolate remembers `MAX_MAPPINGS_PER_SERVICE` of each for an hour.
 *
 * @example
 * ```ts
 * import { MappingBook } from "../src/resources/mapping_book.ts";
 *
 * const book = new MappingBook();
 * const seen = {
 *   tenant: "default", service: "cart", source: "host.id", resource: "i-1",
 *   lastSeenMs: 1000, traces: 2,
 * } as const;
 * book.add(seen);
 * expect(book.takeDue(1000)).toMatchObject([{ rows: [{ resource: "i-1", traces: 2 }] }]);
 * book.add({ ...seen, lastSeenMs: 2000 });
 * expect(book.takeDue(2000)).toEqual([]);
 * expect(book.takeDue(11_000)).toMatchObject([{ rows: [{ traces: 2 }] }]);
 * ```
 */
export class MappingBook {
  readonly #entries: Map<string, Entry> = new Map();
  readonly #perService: Map<string, number> = new Map();
  #purgedMs = -Infinity;

  /** Adds what was seen; false where there is no room for it. */
  add(seen: SeenMapping): boolean {
    const { tenant, service, source, resource, lastSeenMs, traces } = seen;
    const owner = ownerOf(seen);
    const id = `${owner}\n${source}\n${resource}`;
    const known = this.#entries.get(id);
    if (known !== undefined) {
      known.firstSeenMs = Math.min(known.firstSeenMs, lastSeenMs);
      known.lastSeenMs = Math.max(known.lastSeenMs, lastSeenMs);
      known.traces += traces;
      known.changed = true;
      return true;
    }
    const ofService = this.#perService.get(owner) ?? 0;
    if (
      ofService >= MAX_MAPPINGS_PER_SERVICE ||
      this.#entries.size >= MAX_BOOK_MAPPINGS
    ) return false;
    this.#perService.set(owner, ofService + 1);
    this.#entries.set(id, {
      tenant,
      service,
      source,
      resource,
      firstSeenMs: lastSeenMs,
      lastSeenMs,
      traces,
      changed: true,
      dueMs: lastSeenMs,
      waitMs: FIRST_FLUSH_WAIT_MS,
    });
    return true;
  }

  /**
   * Takes what is to be written, by tenant; `putBack` it where that fails.
   *
   * @param of A tenant all of whose rows are taken, due or not.
   */
  takeDue(nowMs: number, of?: string): readonly TakenMappings[] {
    const taken = new Map<string, MappingRow[]>();
    let room = MAX_MAPPINGS_PER_FLUSH;
    for (const [id, entry] of this.#entries) {
      if (!entry.changed) {
        if (entry.lastSeenMs < nowMs - BOOK_KEPT_MS) this.#forget(id, entry);
        continue;
      }
      if (entry.dueMs > nowMs && entry.tenant !== of || room <= 0) continue;
      room--;
      const rows = taken.get(entry.tenant) ?? [];
      taken.set(entry.tenant, rows);
      const { service, source, resource, firstSeenMs, lastSeenMs, traces } =
        entry;
      rows.push({ service, source, resource, firstSeenMs, lastSeenMs, traces });
      entry.traces = 0;
      entry.changed = false;
      entry.dueMs = nowMs + entry.waitMs;
      entry.waitMs = Math.min(entry.waitMs * 2, LAST_FLUSH_WAIT_MS);
    }
    return Array.from(taken, ([tenant, rows]) => ({ tenant, rows }));
  }

  /** Adds again what could not be written. */
  putBack({ tenant, rows }: TakenMappings): void {
    for (const row of rows) this.add({ tenant, ...row });
  }

  /** Whether D1 is to be rid of what is forgotten; true once in a while. */
  purgeIsDue(nowMs: number): boolean {
    if (this.#entries.size === 0 || nowMs - this.#purgedMs < BOOK_KEPT_MS) {
      return false;
    }
    this.#purgedMs = nowMs;
    return true;
  }

  #forget(id: string, entry: Entry): void {
    const owner = ownerOf(entry);
    this.#entries.delete(id);
    const left = (this.#perService.get(owner) ?? 1) - 1;
    if (left > 0) this.#perService.set(owner, left);
    else this.#perService.delete(owner);
  }
}

function ownerOf(
  { tenant, service }: { readonly tenant: string; readonly service: string },
): string {
  return `${tenant}\n${service}`;
}

/** The book of this isolate. */
export const mappingBook = new MappingBook();
