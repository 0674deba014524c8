import type { Context, Next } from "hono";
import { readSettings } from "../settings.ts";
import type { AppEnv } from "./app_env.ts";

/** How long a browser may keep the answer to a preflight, s. */
export const READ_PREFLIGHT_MAX_AGE_S = 7200;

/**
 * Lets the pages of READ_ORIGINS read the answers; other pages see no CORS
 * header, so that their browser keeps the answers from them.
 */
export async function readCors(
  context: Context<AppEnv>,
  next: Next,
): Promise<Response | undefined> {
  const { readOrigins } = readSettings(context.env);
  const origin = context.req.header("origin");
  const allowed = origin !== undefined &&
    readOrigins.includes(origin.toLowerCase());
  // Its queries are posted, and change nothing.
  const posts = context.req.path === "/graphql";
  if (allowed && context.req.method === "OPTIONS") {
    return new Response(null, {
      status: 204,
      headers: {
        vary: "Origin",
        "access-control-allow-origin": origin,
        "access-control-allow-methods": posts ? "GET, POST" : "GET",
        "access-control-allow-headers": "authorization, x-tracecore-key" +
          (posts ? ", content-type" : ""),
        "access-control-max-age": String(READ_PREFLIGHT_MAX_AGE_S),
      },
    });
  }
  await next();
  if (readOrigins.length > 0) context.res.headers.append("vary", "Origin");
  if (allowed) {
    context.res.headers.set("access-control-allow-origin", origin);
    context.res.headers.set("access-control-expose-headers", "retry-after");
  }
  return undefined;
}
