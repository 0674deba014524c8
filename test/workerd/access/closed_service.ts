import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { createApp } from "../../../src/app.ts";
import type { AccessKey } from "../../../src/access/access_key.ts";
import { NO_KEY_LIMITS } from "../../../src/access/caller.ts";
import { insertKey } from "../../../src/access/key_store.ts";
import { keyDigest, makeKey } from "../../../src/access/key_text.ts";
import { deliverSpans } from "../../../src/ingest/deliver.ts";

/** The key of the deployment in these tests. */
export const ADMIN_KEY = "the-key-of-this-deployment";
/** The host of the deployment. */
export const BASE = "https://tracecore.example";

/** The whole service, as it is deployed: with keys. */
export const app = createApp({
  deliver: deliverSpans,
  forward: () => Promise.resolve({ ok: true } as const),
});

/** What is asked of the service. */
export interface Asked {
  readonly method?: string;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON where it is no text. */
  readonly body?: unknown;
  /** Over those of the deployment. */
  readonly bindings?: Readonly<Record<string, unknown>>;
}

/** Asks the service. */
export function ask(path: string, asked: Asked = {}): Promise<Response> {
  const { method = "GET", key, headers = {}, body, bindings = {} } = asked;
  const request = new Request(BASE + path, {
    method,
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    body: body === undefined
      ? null
      : typeof body === "string"
      ? body
      : JSON.stringify(body),
  });
  return Promise.resolve(app.request(
    request,
    undefined,
    { ...env, TRACECORE_OPEN: "false", ADMIN_KEY, ...bindings },
    createExecutionContext(),
  ));
}

/** The text of an answer; of an event stream, its first event. */
export async function textOf(answer: Response): Promise<string> {
  const type = answer.headers.get("content-type") ?? "";
  if (!type.startsWith("text/event-stream")) return answer.text();
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of answer.body as ReadableStream<Uint8Array>) {
    text += decoder.decode(piece, { stream: true });
    // Leaving the loop ends the stream.
    if (/^data: .*\n\n/m.test(text)) break;
  }
  return text;
}

/** Stores a key and returns its text. */
export async function storedKey(
  key: Partial<AccessKey> = {},
): Promise<{ readonly id: string; readonly text: string }> {
  const made = makeKey((bytes) => crypto.getRandomValues(bytes));
  await insertKey(env.DB, {
    id: made.id,
    tenant: "default",
    name: "a key",
    scope: "ingest",
    hash: await keyDigest(made.text),
    createdMs: Date.now(),
    expiresMs: null,
    revokedMs: null,
    limits: NO_KEY_LIMITS,
    ...key,
  });
  return made;
}
