/** The longest origin that a key can name, UTF-16 code units. */
export const MAX_ORIGIN_LENGTH = 255;

/** An exact origin: a scheme and a host in lower case, without a path. */
export const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s*]+$/;
