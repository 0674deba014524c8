import { collectBytes } from "../ingest/collect_bytes.ts";
import {
  answerBeginning,
  errorText,
  readableText,
  withoutSecrets,
} from "../outbox/answer_text.ts";
import { headersFor } from "../outbox/otlp_target.ts";
import type { TempoQuery } from "./tempo_query.ts";
import type { BackendAnswer } from "./trace_backend.ts";

/** How long an answer may take, ms. */
export const TEMPO_TIMEOUT_MS = 20_000;
/** Bytes of an answer that are taken at the most. */
export const MAX_TEMPO_ANSWER_BYTES = 8 * 1024 * 1024;

/** What is asked of Tempo's query API. */
export interface TempoQuestion {
  /** Below the query URL, such as `/api/search`. */
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly accept: "application/json" | "application/protobuf";
  /** Until the answer has been read, ms. @default TEMPO_TIMEOUT_MS */
  readonly timeoutMs?: number;
}

/**
 * Asks Tempo, once. Never throws: a fault is a value, whose reason repeats
 * neither Tempo's address nor its keys.
 *
 * @returns The body; null where the status is 404.
 */
export async function askTempo(
  tempo: TempoQuery,
  question: TempoQuestion,
): Promise<BackendAnswer<Uint8Array | null>> {
  const { timeoutMs = TEMPO_TIMEOUT_MS } = question;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  try {
    const response = await fetch(urlOf(tempo, question), {
      headers: {
        ...headersFor(tempo.target, tempo.tenant),
        accept: question.accept,
      },
      redirect: "manual",
      signal: abort.signal,
    });
    return await answerOf(response, tempo);
  } catch (error) {
    return {
      ok: false,
      reason: abort.signal.aborted
        ? `it has not answered within ${timeoutMs} ms`
        : hidden(`it cannot be reached: ${errorText(error)}`, tempo),
    };
  } finally {
    clearTimeout(timer);
  }
}

function urlOf(
  { target }: TempoQuery,
  { path, parameters }: TempoQuestion,
): string {
  const url = new URL(target.url);
  url.pathname = url.pathname.replace(/\/+$/, "") + path;
  for (const [name, value] of Object.entries(parameters)) {
    url.searchParams.set(name, value);
  }
  return url.href;
}

async function answerOf(
  response: Response,
  tempo: TempoQuery,
): Promise<BackendAnswer<Uint8Array | null>> {
  if (response.status !== 200) {
    const said = readableText(
      new TextDecoder().decode(await answerBeginning(response)),
    );
    // Without its router's words: it knows the path, and has no such trace.
    if (response.status === 404 && said !== NO_SUCH_PATH) {
      return { ok: true, found: null };
    }
    const reason = `it answered with status ${response.status}` +
      (said === "" ? "" : `: ${said}`);
    return { ok: false, reason: hidden(reason, tempo) };
  }
  const stream = response.body as ReadableStream<Uint8Array> | null;
  if (stream === null) return { ok: true, found: new Uint8Array() };
  const bytes = await collectBytes(stream, { limit: MAX_TEMPO_ANSWER_BYTES });
  if (bytes !== null) return { ok: true, found: bytes };
  await stream.cancel();
  return {
    ok: false,
    reason: `it answered with more than ${MAX_TEMPO_ANSWER_BYTES} bytes`,
  };
}

/** What Go's router says of a path that nobody serves. */
const NO_SUCH_PATH = "404 page not found";

/** Tempo may repeat what it was sent. */
function hidden(
  said: string,
  { target: { url, headers } }: TempoQuery,
): string {
  return withoutSecrets(said, { url, values: Object.values(headers) });
}
