/** Traces whose tags are shown: the newest of the window. */
export const MAX_TAG_TRACES = 50;
