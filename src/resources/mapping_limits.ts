/** Ids that a service's spans may name; those unseen for longest go. */
export const MAX_MAPPINGS_PER_SERVICE = 100;
/** Mappings of a tenant: those unseen for longest go, and are not read. */
export const MAX_MAPPINGS = 20_000;
/** Mappings that an isolate remembers, of all tenants. */
export const MAX_BOOK_MAPPINGS = 5000;
/** Mappings that one flush writes; the others come with the next. */
export const MAX_MAPPINGS_PER_FLUSH = 500;
/** A mapping that is not seen for this long is forgotten, ms: 30 days. */
export const MAPPING_KEPT_MS = 30 * 86_400_000;
/** The same in an isolate, ms; so often it deletes what is forgotten. */
export const BOOK_KEPT_MS = 3_600_000;
/** How long a new mapping's next count waits to be written, ms. */
export const FIRST_FLUSH_WAIT_MS = 10_000;
/** It doubles with each write, up to this, ms. */
export const LAST_FLUSH_WAIT_MS = 10 * 60_000;
