import type { Context, Next } from "hono";
import type { AppEnv } from "./app_env.ts";
import { HttpProblem } from "./http_problem.ts";

/**
 * Refuses pages of another origin: they have no business here, whatever key
 * they have got hold of; and on an open service they would need none.
 *
 * @throws {HttpProblem} 403.
 */
export function refuseOtherOrigins(
  context: Context<AppEnv>,
  next: Next,
): Promise<void> {
  const origin = context.req.header("origin");
  const own = new URL(context.req.url).origin;
  if (origin !== undefined && origin.toLowerCase() !== own) {
    throw new HttpProblem(
      403,
      `Pages of "${origin}" may not administer this service: ask from ${own}, ` +
        "or from no page",
    );
  }
  return next();
}
