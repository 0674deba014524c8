import type { Compression } from "./inflate.ts";

/** How a request's message is encoded; its answer is encoded the same way. */
export type Encoding = "protobuf" | "json";

/** The media type of each encoding. */
export const MEDIA_TYPES: Readonly<Record<Encoding, string>> = {
  protobuf: "application/x-protobuf",
  json: "application/json",
};

/** What the body of a request is. */
export interface Content {
  readonly encoding: Encoding;
  /** null where the body is not compressed. */
  readonly compression: Compression | null;
}

/** What the body is, or why it cannot be taken; `headers` say what can. */
export type ContentResult =
  | { readonly ok: true; readonly content: Content }
  | {
    readonly ok: false;
    readonly reason: string;
    readonly headers: Readonly<Record<string, string>>;
  };

/** Characters of a `Content-Type` that goes on to the targets. */
export const MAX_FORWARDED_TYPE_CHARS = 200;

const COMPRESSIONS: ReadonlyMap<string, Compression> = new Map([
  ["gzip", "gzip"],
  ["x-gzip", "gzip"],
  ["deflate", "deflate"],
]);

/**
 * Reads `Content-Type` and `Content-Encoding`. Parameters of the type do not
 * matter, nor does the case of either; `identity` among codings does nothing.
 *
 * @example
 * ```ts
 * import { readContent } from "../src/ingest/content.ts";
 *
 * const headers = new Headers({
 *   "content-type": "application/json; charset=utf-8",
 *   "content-encoding": "gzip",
 * });
 * expect(readContent(headers)).toEqual({
 *   ok: true,
 *   content: { encoding: "json", compression: "gzip" },
 * });
 * ```
 */
export function readContent(headers: Headers): ContentResult {
  const encoding = contentEncoding(headers);
  if (encoding === null) {
    const type = headers.get("content-type");
    const found = type === null ? "no Content-Type" : `Content-Type "${type}"`;
    return {
      ok: false,
      reason: `Cannot read a body with ${found}: send ` +
        Object.values(MEDIA_TYPES).join(" or "),
      headers: { "accept-post": Object.values(MEDIA_TYPES).join(", ") },
    };
  }
  const codings = (headers.get("content-encoding") ?? "").toLowerCase()
    .split(",").map((coding) => coding.trim())
    .filter((coding) => coding !== "" && coding !== "identity");
  const compression = COMPRESSIONS.get(codings[0] ?? "") ?? null;
  if (codings.length > 1 || codings.length === 1 && compression === null) {
    return {
      ok: false,
      reason: "Cannot read a body with Content-Encoding " +
        `"${headers.get("content-encoding")}": send one of gzip, deflate or ` +
        "identity",
      headers: { "accept-encoding": "gzip, deflate, identity" },
    };
  }
  return { ok: true, content: { encoding, compression } };
}

/**
 * The headers that tell a target what the body is: those that were read, and
 * none of a sender's making, since a target that cannot take a header refuses
 * the body with it. Only the parameters of a harmless type stay.
 *
 * @example A coding that is none
 * ```ts
 * import { contentHeaders, readContent } from "../src/ingest/content.ts";
 *
 * const headers = new Headers({
 *   "content-type": "application/json; charset=utf-8",
 *   "content-encoding": "identity",
 * });
 * const read = readContent(headers);
 * expect(read.ok && contentHeaders(headers, read.content)).toEqual({
 *   contentType: "application/json; charset=utf-8",
 *   contentEncoding: null,
 * });
 * ```
 */
export function contentHeaders(
  headers: Headers,
  { encoding, compression }: Content,
): {
  readonly contentType: string;
  readonly contentEncoding: Compression | null;
} {
  const type = headers.get("content-type") ?? "";
  const harmless = type.length <= MAX_FORWARDED_TYPE_CHARS &&
    /^[\x20-\x7e]*$/.test(type);
  return {
    contentType: harmless ? type : MEDIA_TYPES[encoding],
    contentEncoding: compression,
  };
}

/** How an answer is encoded: as the request; JSON where that cannot be told. */
export function answerEncoding(headers: Headers): Encoding {
  return contentEncoding(headers) ?? "json";
}

function contentEncoding(headers: Headers): Encoding | null {
  const type = (headers.get("content-type") ?? "").split(";")[0] ?? "";
  switch (type.trim().toLowerCase()) {
    case MEDIA_TYPES.protobuf:
      return "protobuf";
    case MEDIA_TYPES.json:
      return "json";
    default:
      return null;
  }
}
