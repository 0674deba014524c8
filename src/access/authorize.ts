import type { Bindings } from "../bindings.ts";
import { logFault } from "../http/log.ts";
import { protocolKey } from "../live/live_protocol.ts";
import type { Settings } from "../settings.ts";
import { type AccessKey, keyState, scopeAllows } from "./access_key.ts";
import { type Caller, OPERATOR, type Scope } from "./caller.ts";
import {
  type GuessBrake,
  isolateBrake,
  senderNetwork,
  TooManyGuessesError,
} from "./guess_brake.ts";
import { isolateKeys, type RememberedKeys } from "./isolate_keys.ts";
import { readKey } from "./key_store.ts";
import { keyDigest, keyId, sameDigest } from "./key_text.ts";
import { namesLoopback } from "./loopback_host.ts";

/** Whether a request may be served, and for whom. */
export type Access =
  | { readonly ok: true; readonly caller: Caller }
  | {
    readonly ok: false;
    readonly status: 401 | 403 | 429 | 503;
    readonly reason: string;
    /** The reason in one word, for log and counters. */
    readonly word: string;
  };

/** What `authorize` decides by. */
export interface AuthorizeOptions {
  /** What the key must allow. */
  readonly scope: Scope;
  readonly settings: Settings;
  readonly bindings: Pick<Bindings, "DB">;
  readonly nowMs: number;
  /** @default those of this isolate */
  readonly remembered?: RememberedKeys;
  /** @default that of this isolate */
  readonly brake?: GuessBrake;
}

const KEY_HEADER = "x-tracecore-key";
const KEY_PARAMETER = "key";
const BEARER = /^bearer +(\S+) *$/i;
/** Compared with where there is no key: takes as long as where there is one. */
const NO_DIGEST = "0".repeat(64);

/**
 * Decides whether a request may be served: the one place that knows keys. The
 * key stands in `Authorization: Bearer` or `X-TraceCore-Key`; for ingest in the
 * query parameter `key` too, since `navigator.sendBeacon` sends no header. A
 * WebSocket can carry it among its protocols.
 *
 * @returns 401 without a key; 403 with one that does not allow this, in the
 * same words whatever is wrong with it; 429 where too many
 * keys that do not exist came from the sender's address; 503 where the deployment has no
 * ADMIN_KEY, or the keys cannot be looked up.
 *
 * @example With the right key
 * ```ts
 * import { authorize } from "../src/access/authorize.ts";
 * import { readSettings } from "../src/settings.ts";
 *
 * const request = new Request("https://tracecore.example/api/v1/services", {
 *   headers: { authorization: "Bearer a-long-enough-key" },
 * });
 * const access = await authorize(request, {
 *   scope: "read",
 *   settings: readSettings({ ADMIN_KEY: "a-long-enough-key" }),
 *   bindings: { DB: {} as D1Database },
 *   nowMs: Date.now(),
 * });
 * expect(access).toMatchObject({ ok: true, caller: { tenant: "default" } });
 * ```
 */
export async function authorize(
  request: Request,
  options: AuthorizeOptions,
): Promise<Access> {
  const { scope, settings } = options;
  if (settings.open) return openAccess(request);
  if (settings.adminKey === null) {
    return {
      ok: false,
      word: "no_admin_key",
      status: 503,
      reason: "Cannot serve: no ADMIN_KEY is configured; set one with " +
        "`wrangler secret put ADMIN_KEY`",
    };
  }
  const text = presentedKey(request, scope);
  if (text === null) {
    return {
      ok: false,
      word: "no_key",
      status: 401,
      reason: "A key is missing: send it as `Authorization: Bearer KEY` or " +
        "`X-TraceCore-Key: KEY`",
    };
  }
  const digest = await keyDigest(text);
  if (sameDigest(digest, await keyDigest(settings.adminKey))) {
    return { ok: true, caller: OPERATOR };
  }
  const id = keyId(text);
  const known = id === null ? null : await rememberedKey(id, request, options);
  if (known !== null && !known.ok) {
    if (known.fault instanceof TooManyGuessesError) return tooManyGuesses();
    logFault("key_lookup_failed", known.fault, { key: String(id) });
    return {
      ok: false,
      word: "key_lookup",
      status: 503,
      reason: "Cannot look the key up now: try again after the time in " +
        "Retry-After",
    };
  }
  return judge(known?.value ?? null, { ...options, digest });
}

function openAccess(request: Request): Access {
  if (namesLoopback(request)) return { ok: true, caller: OPERATOR };
  return {
    ok: false,
    word: "host",
    status: 403,
    reason: "An open service answers on this machine alone, by localhost or " +
      "127.0.0.1: set ADMIN_KEY to serve other names",
  };
}

function rememberedKey(
  id: string,
  { headers }: Request,
  options: AuthorizeOptions,
) {
  const {
    bindings,
    nowMs,
    brake = isolateBrake,
    remembered = isolateKeys,
  } = options;
  const network = senderNetwork(headers);
  // A key that is in use must be seen to be revoked, whoever guesses beside it.
  const mayBeGuess = !remembered.keys.remembers(id);
  return remembered.keys.get(id, {
    nowMs,
    async read() {
      if (mayBeGuess && !brake.mayLookUp(network, nowMs)) {
        throw new TooManyGuessesError(`Too many guesses from ${network}`);
      }
      const key = await readKey(bindings.DB, id);
      if (mayBeGuess && key !== null) brake.found(network, nowMs);
      return key;
    },
  });
}

function tooManyGuesses(): Access {
  return {
    ok: false,
    word: "guesses",
    status: 429,
    reason: "Too many keys that do not exist came from this address: try " +
      "again after the time in Retry-After",
  };
}

function judge(
  key: AccessKey | null,
  { digest, nowMs, scope }: AuthorizeOptions & { readonly digest: string },
): Access {
  const right = sameDigest(digest, key?.hash ?? NO_DIGEST);
  if (
    key !== null && right && keyState(key, nowMs) === "active" &&
    scopeAllows(key.scope, scope)
  ) {
    const { id, tenant, limits } = key;
    return { ok: true, caller: { tenant, keyId: id, operator: false, limits } };
  }
  return {
    ok: false,
    word: "wrong_key",
    status: 403,
    reason: "The key does not allow this: it is wrong, expired or revoked, " +
      `or not made for "${scope}"`,
  };
}

function presentedKey(request: Request, scope: Scope): string | null {
  const bearer = BEARER.exec(request.headers.get("authorization") ?? "");
  const key = bearer?.[1] ?? request.headers.get(KEY_HEADER)?.trim() ??
    (scope === "ingest"
      ? new URL(request.url).searchParams.get(KEY_PARAMETER)
      : protocolKey(request.headers));
  return key === "" ? null : key;
}
