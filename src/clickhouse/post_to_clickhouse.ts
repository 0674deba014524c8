import {
  answerBeginning,
  errorText,
  readableText,
  unansweredFailure,
  withoutSecrets,
} from "../outbox/answer_text.ts";
import type { Failure } from "../outbox/classify_answer.ts";
import { retryAfterMs } from "../outbox/retry_after.ts";
import { collectBytes } from "../ingest/collect_bytes.ts";
import { classifyException } from "./classify_exception.ts";
import type { ClickHouseTarget } from "./clickhouse_target.ts";

/** Bytes of an answer that are taken at the most. */
export const MAX_RESULT_BYTES = 32 * 1024 * 1024;

/** An error in the text of an answer with status 200, as older servers have. */
const EXCEPTION_TEXT = /(?:^|\n)Code: (\d+)\. DB::\w*Exception/;
const EXCEPTION_MARK = "__exception__";

/** What is asked of a server. */
export interface ClickHouseRequest {
  /** Settings, and values of a query's parameters. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array<ArrayBuffer>;
  /** Beside those that say who asks. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Until the answer has been read, ms. */
  readonly timeoutMs: number;
  /** Set where the database need not be there yet. */
  readonly anyDatabase?: boolean;
}

/** What it answered, or why there is no answer that can be used. */
export type ClickHouseAnswer =
  | { readonly kind: "delivered"; readonly text: string }
  | Failure;

/**
 * Posts to a server, once. Never throws: a failure is a value, whose reason
 * repeats neither the server's address nor the password.
 */
export async function postToClickHouse(
  target: ClickHouseTarget,
  request: ClickHouseRequest,
): Promise<ClickHouseAnswer> {
  const { timeoutMs } = request;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  try {
    const response = await fetch(urlOf(target, request), {
      method: "POST",
      headers: {
        "x-clickhouse-user": target.user,
        ...(target.password === ""
          ? {}
          : { "x-clickhouse-key": target.password }),
        ...(request.anyDatabase === true
          ? {}
          : { "x-clickhouse-database": target.database }),
        ...request.headers,
      },
      body: request.body,
      redirect: "manual",
      signal: abort.signal,
    });
    return await answerOf(response, target);
  } catch (error) {
    return abort.signal.aborted
      ? unansweredFailure(
        `ClickHouse has not answered within ${timeoutMs} ms`,
        { kind: "doubtful", label: "timeout" },
      )
      : unansweredFailure(
        hidden(`Cannot reach ClickHouse: ${errorText(error)}`, target),
        { kind: "doubtful", label: "network" },
      );
  } finally {
    clearTimeout(timer);
  }
}

function urlOf(target: ClickHouseTarget, request: ClickHouseRequest): string {
  const url = new URL(target.url);
  for (const [name, value] of Object.entries(request.parameters)) {
    url.searchParams.append(name, value);
  }
  return url.href;
}

async function answerOf(
  response: Response,
  target: ClickHouseTarget,
): Promise<ClickHouseAnswer> {
  const { status, headers } = response;
  const code = codeOf(headers.get("x-clickhouse-exception-code"));
  if (code !== null || status < 200 || status >= 300) {
    const bytes = await answerBeginning(response);
    const said = new TextDecoder().decode(bytes);
    return failureOf(said, { target, status, headers, code });
  }
  const stream = response.body as ReadableStream<Uint8Array> | null;
  const bytes = stream === null
    ? new Uint8Array()
    : await collectBytes(stream, { limit: MAX_RESULT_BYTES });
  if (bytes === null) {
    await stream?.cancel();
    return unansweredFailure(
      `ClickHouse answered with more than ${MAX_RESULT_BYTES} bytes: ask for ` +
        "less",
      { kind: "never", label: "too_large" },
    );
  }
  const text = new TextDecoder().decode(bytes);
  const inText = exceptionIn(text);
  return inText === null
    ? { kind: "delivered", text }
    : failureOf(inText.said, { target, status, headers, code: inText.code });
}

/** An error that came after the headers had been sent. */
function exceptionIn(
  text: string,
): { readonly code: number; readonly said: string } | null {
  const found = EXCEPTION_TEXT.exec(text);
  // A row is JSON on one line: this is no value of one.
  if (found !== null) {
    return { code: Number(found[1]), said: text.slice(found.index) };
  }
  const at = text.startsWith(EXCEPTION_MARK)
    ? 0
    : text.indexOf(`\n${EXCEPTION_MARK}`);
  return at === -1 ? null : { code: 0, said: text.slice(at) };
}

function codeOf(header: string | null): number | null {
  return header === null || !/^\d+$/.test(header) ? null : Number(header);
}

function failureOf(
  said: string,
  { target, status, headers, code }: {
    readonly target: ClickHouseTarget;
    readonly status: number;
    readonly headers: Headers;
    readonly code: number | null;
  },
): Failure {
  const kind = classifyException({ status, exceptionCode: code });
  const text = readableText(said);
  const what = code === null
    ? `ClickHouse answered with status ${status}`
    : `ClickHouse answered with status ${status} and exception ${code}`;
  return {
    // An exception is none of what was delivered, whatever the status says.
    kind: kind === "delivered" ? "doubtful" : kind,
    reason: hidden(text === "" ? what : `${what}: ${text}`, target),
    label: code === null ? String(status) : `exception_${code}`,
    status,
    retryAfterMs: retryAfterMs(headers.get("retry-after"), Date.now()),
  };
}

function hidden(said: string, { url, password }: ClickHouseTarget): string {
  return withoutSecrets(said, { url, values: [password] });
}
