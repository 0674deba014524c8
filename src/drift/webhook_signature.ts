import { hmacHex } from "../access/hmac.ts";
import { sameDigest } from "../access/key_text.ts";

/**
 * Headers that a signature may stand in. TFDrift-Falco itself signs nothing: it
 * sends the headers that it is told to. A proxy or a relay that signs mostly
 * does as GitHub does.
 *
 * Source: TFDrift-Falco's pkg/output/webhook.go; GitHub, "Validating webhook
 * deliveries".
 */
export const SIGNATURE_HEADERS = [
  "x-hub-signature-256",
  "x-tracecore-signature",
  "x-tfdrift-signature",
  "x-signature-256",
] as const;

const SIGNATURE = /^(?:sha256=)?([0-9a-f]{64})$/i;

/** The signature of a request: "" where what stands there is none. */
export function signatureIn(headers: Headers): string | null {
  for (const name of SIGNATURE_HEADERS) {
    const value = headers.get(name);
    if (value === null) continue;
    return SIGNATURE.exec(value.trim())?.[1]?.toLowerCase() ?? "";
  }
  return null;
}

/**
 * Whether a body was signed with a secret: HMAC-SHA256 over the bytes as they
 * came, as hex. Compared in constant time.
 *
 * @example
 * ```ts
 * import { isSignedWith } from "../src/drift/webhook_signature.ts";
 *
 * // printf '{}' | openssl dgst -sha256 -hmac a-long-enough-secret
 * const body = new TextEncoder().encode("{}");
 * const signature =
 *   "92c5050b272d2d7bce7629ecfefcbfe4e20b11e204626670caa398d1b5c51e62";
 * expect(await isSignedWith("a-long-enough-secret", { body, signature })).toBe(true);
 * ```
 */
export async function isSignedWith(
  secret: string,
  { body, signature }: {
    readonly body: Uint8Array<ArrayBuffer>;
    readonly signature: string;
  },
): Promise<boolean> {
  return sameDigest(await hmacHex(secret, body), signature);
}
