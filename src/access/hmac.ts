/**
 * HMAC-SHA256 of some bytes, as lower-case hex.
 *
 * @param secret As UTF-8.
 *
 * @example
 * ```ts
 * import { hmacHex } from "../src/access/hmac.ts";
 *
 * // printf '{}' | openssl dgst -sha256 -hmac a-long-enough-secret
 * expect(await hmacHex("a-long-enough-secret", new TextEncoder().encode("{}")))
 *   .toBe("92c5050b272d2d7bce7629ecfefcbfe4e20b11e204626670caa398d1b5c51e62");
 * ```
 */
export async function hmacHex(
  secret: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const key = await crypto.subtle.importKey(
    "raw",
    new TextEncoder().encode(secret),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  const signed = new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes));
  return Array.from(signed, (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
