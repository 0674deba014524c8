import type { MiddlewareHandler } from "hono";
import { readSettings } from "../settings.ts";
import { authorize } from "../access/authorize.ts";
import type { Scope } from "../access/caller.ts";
import type { AppEnv } from "./app_env.ts";
import { recordOf } from "./request_record.ts";
import { jsonError, RETRY_AFTER_S } from "./json_error.ts";

/**
 * Lets a request through to the routes after it only with a key for `scope`,
 * and gives them `settings` and `caller`.
 *
 * @example Routes that need a key
 * ```ts
 * import { Hono } from "hono";
 * import { authenticated } from "../src/http/authenticated.ts";
 * import type { AppEnv } from "../src/http/app_env.ts";
 *
 * const routes = new Hono<AppEnv>();
 * routes.use("/api/*", authenticated("read"));
 * routes.get("/api/whose", (context) => context.text(context.get("caller").tenant));
 * const open = { TRACECORE_OPEN: "true" };
 * const answer = await routes.request("/api/whose", {}, open);
 * expect(await answer.text()).toBe("default");
 * ```
 */
export function authenticated(scope: Scope): MiddlewareHandler<AppEnv> {
  return async function authenticate(context, next) {
    const settings = readSettings(context.env);
    const access = await authorize(context.req.raw, {
      scope,
      settings,
      bindings: context.env,
      nowMs: Date.now(),
    });
    if (!access.ok) {
      recordOf(context).note({ refusal: access.word });
      return jsonError(access.status, access.reason, {
        headers: refusalHeaders(access.status),
      });
    }
    context.set("settings", settings);
    context.set("caller", access.caller);
    return next();
  };
}

/** Headers that go with a refusal by `authorize`. */
export function refusalHeaders(
  status: 401 | 403 | 429 | 503,
): Record<string, string> {
  if (status === 401) return { "www-authenticate": "Bearer" };
  return status === 403 ? {} : { "retry-after": String(RETRY_AFTER_S) };
}
