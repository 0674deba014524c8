import { type Caller, OPERATOR, type Scope } from "./caller.ts";
import type { Settings } from "../settings.ts";

/** Whether a request may be served, and for whom. */
export type Access =
  | { readonly ok: true; readonly caller: Caller }
  | {
    readonly ok: false;
    readonly status: 401 | 403 | 503;
    readonly reason: string;
  };

const KEY_HEADER = "x-tracecore-key";
const KEY_PARAMETER = "key";
const BEARER = /^bearer +(\S+) *$/i;

/**
 * Decides whether a request may be served: the one place that knows keys. The
 * key stands in `Authorization: Bearer` or `X-TraceCore-Key`; for ingest in the
 * query parameter `key` too, since `navigator.sendBeacon` sends no header.
 *
 * @returns 401 without a key, 403 with a wrong one, 503 where the deployment
 * has no ADMIN_KEY.
 *
 * @example With the right key
 * ```ts
 * import { authorize } from "../src/access/authorize.ts";
 * import { readSettings } from "../src/settings.ts";
 *
 * const settings = readSettings({ ADMIN_KEY: "a-long-enough-key" });
 * const request = new Request("https://tracecore.example/api/v1/services", {
 *   headers: { authorization: "Bearer a-long-enough-key" },
 * });
 * expect(await authorize(request, settings, "read"))
 *   .toMatchObject({ ok: true, caller: { tenant: "default" } });
 * ```
 */
export async function authorize(
  request: Request,
  settings: Settings,
  scope: Scope,
): Promise<Access> {
  if (settings.open) return { ok: true, caller: OPERATOR };
  if (settings.adminKey === null) {
    return {
      ok: false,
      status: 503,
      reason: "Cannot serve: no ADMIN_KEY is configured; set one with " +
        "`wrangler secret put ADMIN_KEY`",
    };
  }
  const key = presentedKey(request, scope);
  if (key === null) {
    return {
      ok: false,
      status: 401,
      reason: "A key is missing: send it as `Authorization: Bearer KEY` or " +
        "`X-TraceCore-Key: KEY`",
    };
  }
  if (await sameSecret(key, settings.adminKey)) {
    return { ok: true, caller: OPERATOR };
  }
  return {
    ok: false,
    status: 403,
    reason: `The key does not allow this: it is not known for "${scope}"`,
  };
}

function presentedKey(request: Request, scope: Scope): string | null {
  const bearer = BEARER.exec(request.headers.get("authorization") ?? "");
  const key = bearer?.[1] ?? request.headers.get(KEY_HEADER)?.trim() ??
    (scope === "ingest"
      ? new URL(request.url).searchParams.get(KEY_PARAMETER)
      : null);
  return key === "" ? null : key;
}

/** Takes as long for any two texts: digests are compared, all of their bytes. */
async function sameSecret(left: string, right: string): Promise<boolean> {
  const [a, b] = await Promise.all([digest(left), digest(right)]);
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

async function digest(text: string): Promise<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
