/** Bytes of a request's body: 1 MiB. */
export const MAX_DRIFT_BODY_BYTES = 1024 * 1024;
/** Events of one request. */
export const MAX_DRIFTS_PER_REQUEST = 500;
/** Events that a tenant keeps; the oldest go. */
export const MAX_DRIFTS = 10_000;
/** UTF-16 units of an id, which stands in paths. */
export const MAX_DRIFT_ID_LENGTH = 256;
/** UTF-16 units of any other text; an ARN has 2,048 at the most. */
export const MAX_DRIFT_TEXT_LENGTH = 2048;
/** Resources that an event says it reaches. */
export const MAX_IMPACTED_RESOURCES = 1000;
/**
 * UTF-16 units of what is kept of one event as JSON; the largest of before,
 * after, diff and metadata are left out beyond.
 */
export const MAX_DRIFT_LENGTH = 32 * 1024;
/** How far ahead of now an event may be, ms: one that is would never go. */
export const MAX_DRIFT_AHEAD_MS = 24 * 3_600_000;
/** Events of one answer, where the request names no limit. */
export const DEFAULT_DRIFT_LIMIT = 100;
/** The most events of one answer. */
export const MAX_DRIFT_LIMIT = 200;
/** Wrong fields that an answer names. */
export const MAX_DRIFT_PROBLEMS = 20;
