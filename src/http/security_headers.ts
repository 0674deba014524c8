import type { Context, Next } from "hono";
import type { AppEnv } from "./app_env.ts";

/** Answers are data: no browser is to show, frame, guess or keep them. */
const HEADERS = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
};
/** How long a browser takes https alone, s: a year. */
const HSTS_S = 31_536_000;

/** Puts the headers that protect a browser's user on every answer. */
export async function securityHeaders(
  context: Context<AppEnv>,
  next: Next,
): Promise<void> {
  await next();
  // A WebSocket is no page, and its answer's headers are part of a handshake.
  if (context.res.status === 101) return;
  const { headers } = context.res;
  const { pathname, protocol } = new URL(context.req.url);
  for (const [name, value] of Object.entries(HEADERS)) {
    // A page says for itself what it needs.
    if (!headers.has(name)) headers.set(name, value);
  }
  if (protocol === "https:") {
    headers.set("strict-transport-security", `max-age=${HSTS_S}`);
  }
  // Pages of other origins post to /v1, and see what became of it.
  if (!pathname.startsWith("/v1/")) {
    headers.set("cross-origin-resource-policy", "same-origin");
  }
  if (pathname !== "/health") headers.set("cache-control", "no-store");
}
