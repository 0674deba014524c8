/** A segment with so many digits is an id, whatever else is in it. */
const ID_DIGITS = 5;
/** The fewest letters and digits that can look like a random token. */
const TOKEN_LENGTH = 10;
/** Letters and digits in a run: words have more, random tokens have fewer. */
const WORD_LENGTH = 2.5;
/** The same where there are two digits: few names have them. */
const WORD_LENGTH_WITH_DIGITS = 3;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const HAS_DIGIT = /\d/;
const IS_EMAIL = /^[^@]+(?:@|%40)[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}$/i;
const IS_TEMPLATE = /^:|[{}<>[\]()*\\$]/;
const HEX_LENGTH = 8;
const UUID_LENGTH = 36;
const AT = /@|%40/;
const IS_NUMBER = /^[+-]?\d+$/;
const HEX = /^(?:0x)?[0-9a-f]{8,}$/i;
const NO_ALPHANUMERICS = /[^0-9a-z]+/i;

/**
 * Whether a segment of a path tells one user, order or moment from another.
 * Each check reads the segment once.
 *
 * | segment                                           | example            |
 * | ------------------------------------------------- | ------------------ |
 * | a number                                          | `7`, `-42`         |
 * | a UUID                                            |                    |
 * | 8 hex digits or more, one at least a number       | `app.3f2a9c1b.js`  |
 * | 5 digits or more in all, as in a date             | `ORD-12345`        |
 * | 10 letters and digits or more, in very short runs | `dQw4w9WgXcQ`      |
 * | an e-mail address                                 | `ann@shop.example` |
 *
 * A template's segment is none: `{id}`, `:id`, `<int:id>`, `*`.
 */
export function isIdSegment(segment: string): boolean {
  if (segment === "" || IS_TEMPLATE.test(segment)) return false;
  const { digits, alphanumerics, runs } = scan(segment);
  if (digits >= ID_DIGITS) return true;
  const wordLength = digits >= 2 ? WORD_LENGTH_WITH_DIGITS : WORD_LENGTH;
  if (alphanumerics >= TOKEN_LENGTH && alphanumerics < runs * wordLength) {
    return true;
  }
  return (digits > 0 && (IS_NUMBER.test(segment) || hasHexId(segment))) ||
    (segment.length === UUID_LENGTH && UUID.test(segment)) ||
    (AT.test(segment) && IS_EMAIL.test(segment));
}

interface Shape {
  readonly digits: number;
  readonly alphanumerics: number;
  /** Runs of digits, and of letters as in `camelCaseWords`. */
  readonly runs: number;
}

function scan(segment: string): Shape {
  let digits = 0;
  let alphanumerics = 0;
  let runs = 0;
  let before: Sort = null;
  for (let at = 0; at < segment.length; at++) {
    const sort = sortOf(segment.charCodeAt(at));
    if (sort === null) continue;
    alphanumerics++;
    if (sort === "digit") digits++;
    const capitalised = before === "upper" && sort === "lower";
    if (sort !== before && !capitalised) runs++;
    before = sort;
  }
  return { digits, alphanumerics, runs };
}

type Sort = "digit" | "upper" | "lower" | null;

function sortOf(code: number): Sort {
  if (code >= 0x30 && code <= 0x39) return "digit";
  if (code >= 0x41 && code <= 0x5a) return "upper";
  return code >= 0x61 && code <= 0x7a ? "lower" : null;
}

function hasHexId(segment: string): boolean {
  if (segment.length < HEX_LENGTH) return false;
  return segment.split(NO_ALPHANUMERICS)
    .some((part) => HEX.test(part) && HAS_DIGIT.test(part));
}
