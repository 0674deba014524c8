import { isIdSegment } from "./id_segment.ts";

/** Names whose folded form is remembered. */
export const MAX_FOLDED_NAMES = 1000;

const FOLDED = "{id}";
const EXTENSION = /\.[a-z]{1,4}\d?$/i;

/** The user before a host, with the scheme in front of it. */
const USER = /^([^/]*:\/\/)[^/?#]*@/;
const AT = /@|%40/;
const QUERY_OR_FRAGMENT = /[?#]/;

// Per isolate: the same names come again and again.
const remembered: Map<string, string> = new Map();

/**
 * A span name without what makes each request's another one, so that a
 * browser that names spans by URL does not have an operation for each user.
 * Only words with a "/" in them are folded. Idempotent.
 *
 * | what                                              | becomes        |
 * | ------------------------------------------------- | -------------- |
 * | `?query` and `#fragment`, with what follows       | nothing        |
 * | `user:password@` before a host                    | nothing        |
 * | a segment that `isIdSegment` takes for an id      | `{id}`         |
 * | such a one with a file's extension: `123.png`     | `{id}.png`     |
 * | any other segment, a template's (`{id}`, `:id`)   | stays          |
 * | scheme and host of a whole URL                    | stay           |
 *
 * @example
 * ```ts
 * import { foldName } from "../src/map/fold_name.ts";
 *
 * expect(foldName("GET https://shop.example/users/123?x=1"))
 *   .toBe("GET https://shop.example/users/{id}");
 * expect(foldName("/cart.v1.Cart/AddItem")).toBe("/cart.v1.Cart/AddItem");
 * ```
 */
export function foldName(name: string): string {
  if (!name.includes("/")) return name;
  const known = remembered.get(name);
  if (known !== undefined) return known;
  const folded = foldWords(name);
  if (remembered.size >= MAX_FOLDED_NAMES) remembered.clear();
  remembered.set(name, folded);
  return folded;
}

function foldWords(name: string): string {
  let folded = "";
  for (let from = 0; from <= name.length;) {
    const space = name.indexOf(" ", from);
    const to = space < 0 ? name.length : space;
    const word = name.slice(from, to);
    const slash = word.indexOf("/");
    if (from > 0) folded += " ";
    if (slash < 0) folded += word;
    else {
      const url = word.includes("@") ? word.replace(USER, "$1") : word;
      const end = endOfPath(url, slash);
      folded += foldWord(url.slice(0, end));
      // A query may hold spaces: nothing after it is certain to be a word.
      if (end < url.length) break;
    }
    from = to + 1;
  }
  return folded;
}

/** Where a query or a fragment begins, which has to be after a slash. */
function endOfPath(word: string, slash: number): number {
  if (!QUERY_OR_FRAGMENT.test(word)) return word.length;
  let inParameter = false;
  for (let at = slash; at < word.length; at++) {
    const char = word[at];
    if (char === "/") inParameter = word[at + 1] === ":";
    // In a route, `:lang?` is a segment that may be missing.
    else if (char === "#" || (char === "?" && !inParameter)) return at;
  }
  return word.length;
}

function foldWord(word: string): string {
  const scheme = word.indexOf("://");
  if (scheme < 0) return foldPath(word, 0);
  const slash = word.indexOf("/", scheme + "://".length);
  return slash < 0 ? word : foldPath(word, slash);
}

/** Folds each segment from `start` on. Most stay, and are not copied. */
function foldPath(word: string, start: number): string {
  let folded = "";
  let copied = 0;
  for (let from = start; from < word.length;) {
    const slash = word.indexOf("/", from);
    const to = slash < 0 ? word.length : slash;
    const segment = word.slice(from, to);
    const foldedSegment = foldSegment(segment);
    if (foldedSegment !== segment) {
      folded += word.slice(copied, from) + foldedSegment;
      copied = to;
    }
    from = to + 1;
  }
  return folded + word.slice(copied);
}

function foldSegment(segment: string): string {
  const extension = extensionOf(segment);
  if (extension !== "") {
    const stem = segment.slice(0, segment.length - extension.length);
    if (isIdSegment(stem)) return FOLDED + extension;
  }
  return isIdSegment(segment) ? FOLDED : segment;
}

function extensionOf(segment: string): string {
  // An e-mail address ends like a file.
  if (!segment.includes(".") || AT.test(segment)) return "";
  return EXTENSION.exec(segment)?.[0] ?? "";
}
