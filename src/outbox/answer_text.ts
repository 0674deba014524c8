import type { Failure } from "./classify_answer.ts";

/** Bytes of an answer that are read; the rest is left. */
export const MAX_ANSWER_BYTES = 64 * 1024;
/** The longest text of an answer that is repeated, UTF-16 code units. */
export const MAX_REPEATED_ANSWER = 300;
/** Header values shorter than this are no secret, and stay in texts. */
const MIN_SECRET_LENGTH = 6;

/** The first `MAX_ANSWER_BYTES` of an answer. */
export async function answerBeginning(response: Response): Promise<Uint8Array> {
  const stream: ReadableStream<Uint8Array> | null = response.body;
  if (stream === null) return new Uint8Array();
  const reader = stream.getReader();
  const bytes = new Uint8Array(MAX_ANSWER_BYTES);
  let used = 0;
  while (used < MAX_ANSWER_BYTES) {
    const read = await reader.read();
    if (read.done) return bytes.subarray(0, used);
    const part = read.value.subarray(0, MAX_ANSWER_BYTES - used);
    bytes.set(part, used);
    used += part.length;
  }
  await reader.cancel();
  return bytes.subarray(0, used);
}

/** A failure without an answer. */
export function unansweredFailure(
  reason: string,
  { kind, label }: Pick<Failure, "kind" | "label">,
): Failure {
  return { kind, reason, label, status: null, retryAfterMs: null };
}

/** What an error says, on one line. */
export function errorText(error: unknown): string {
  return readableText(error instanceof Error ? error.message : String(error));
}

/** On one line, and short; a protobuf Status loses its tags. */
export function readableText(said: string): string {
  const line = said.replaceAll(/[\p{Cc}\p{Cf}\ufffd\s]+/gu, " ").trim();
  return line.length > MAX_REPEATED_ANSWER
    ? `${line.slice(0, MAX_REPEATED_ANSWER)}…`
    : line;
}

/**
 * A text without what a target was sent: it may repeat that.
 *
 * @param sent Its URL, and the values of its headers.
 */
export function withoutSecrets(
  said: string,
  sent: { readonly url: string; readonly values: readonly string[] },
): string {
  const { href, host, search } = new URL(sent.url);
  const secrets = [href, host, search, ...sent.values]
    .flatMap((value) => [value, ...value.split(" ")])
    .filter((value) => value.length >= MIN_SECRET_LENGTH);
  return secrets.reduce((text, secret) => text.replaceAll(secret, "…"), said);
}
