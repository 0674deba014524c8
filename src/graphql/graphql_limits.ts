/** Bytes of a request's body: 64 KiB. */
export const MAX_GRAPHQL_BYTES = 64 * 1024;
/** Tokens of a document: names, numbers, brackets. */
export const MAX_TOKENS = 4000;
/** Fields that stand in one another. */
export const MAX_QUERY_DEPTH = 12;
/** Fields that are given another name. */
export const MAX_ALIASES = 30;
/** What a query may cost: about as many objects as it may be answered with. */
export const MAX_QUERY_COST = 25_000;
/** What a list is taken to hold where it has no `limit`. */
export const UNLIMITED_LIST_COST = 10;
/** Windows of the map that one query reads. */
export const MAX_MAP_WINDOWS = 4;
/** Reports that one query has made: each reads a day of the map. */
export const MAX_REPORTS_MADE = 2;
/** Traces that one query reads with all their spans. */
export const MAX_WHOLE_TRACES = 10;
/** Errors of one document that are told. */
export const MAX_TOLD_ERRORS = 20;
