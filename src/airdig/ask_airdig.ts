import { collectBytes } from "../ingest/collect_bytes.ts";
import { boundedJson } from "../http/bounded_json.ts";
import {
  answerBeginning,
  errorText,
  readableText,
  withoutSecrets,
} from "../outbox/answer_text.ts";

/** One of AirDig's other pillars. */
export interface AirdigTarget {
  /** Its base; `/api/v1/…` is appended. */
  readonly url: string;
  /** Sent as `Authorization: Bearer`; null sends none. */
  readonly apiKey: string | null;
}

/** What is asked of it. */
export interface AirdigQuestion {
  /** Below its URL, such as `/api/v1/graph`. */
  readonly path: string;
  /** Until the answer has been read, ms. */
  readonly timeoutMs: number;
  /** Bytes of an answer that are taken at the most. */
  readonly maxBytes: number;
}

/** What it answered, or why it did not. */
export type AirdigAnswer =
  /** null: it answered with status 404. */
  | { readonly ok: true; readonly found: { readonly json: unknown } | null }
  /** For the one who asked; repeats neither address nor key. */
  | { readonly ok: false; readonly reason: string };

/** Asks one of AirDig's pillars for JSON, once. Never throws. */
export async function askAirdig(
  target: AirdigTarget,
  question: AirdigQuestion,
): Promise<AirdigAnswer> {
  const { timeoutMs } = question;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  try {
    const response = await fetch(urlOf(target, question.path), {
      headers: {
        accept: "application/json",
        ...(target.apiKey === null
          ? {}
          : { authorization: `Bearer ${target.apiKey}` }),
      },
      redirect: "manual",
      signal: abort.signal,
    });
    return await answerOf(response, { target, question });
  } catch (error) {
    const reason = abort.signal.aborted
      ? `it has not answered within ${timeoutMs} ms`
      : hidden(`it cannot be reached: ${errorText(error)}`, target);
    return { ok: false, reason };
  } finally {
    clearTimeout(timer);
  }
}

function urlOf(target: AirdigTarget, path: string): string {
  const url = new URL(target.url);
  url.pathname = url.pathname.replace(/\/+$/, "") + path;
  return url.href;
}

async function answerOf(
  response: Response,
  { target, question }: {
    readonly target: AirdigTarget;
    readonly question: AirdigQuestion;
  },
): Promise<AirdigAnswer> {
  const { status } = response;
  if (status !== 200) {
    const said = readableText(
      new TextDecoder().decode(await answerBeginning(response)),
    );
    if (status === 404) return { ok: true, found: null };
    const reason = `it answered with status ${status}` +
      (said === "" ? "" : `: ${said}`);
    return { ok: false, reason: hidden(reason, target) };
  }
  const stream = response.body as ReadableStream<Uint8Array> | null;
  if (stream === null) return { ok: false, reason: "it answered nothing" };
  const bytes = await collectBytes(stream, { limit: question.maxBytes });
  if (bytes === null) {
    await stream.cancel();
    const reason = `it answered with more than ${question.maxBytes} bytes`;
    return { ok: false, reason };
  }
  const json = boundedJson(new TextDecoder().decode(bytes));
  return json.ok
    ? { ok: true, found: { json: json.value } }
    : { ok: false, reason: `it answered something else: ${json.problem}` };
}

function hidden(said: string, { url, apiKey }: AirdigTarget): string {
  return withoutSecrets(said, { url, values: apiKey === null ? [] : [apiKey] });
}
