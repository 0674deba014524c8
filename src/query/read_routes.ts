import { type Context, Hono, type Next } from "hono";
import type { AppEnv } from "../http/app_env.ts";
import { authenticated } from "../http/authenticated.ts";
import { jsonError } from "../http/json_error.ts";
import { firstAskedMs } from "./first_asked.ts";

/** What answers a question. */
export type Answer = (
  context: Context<AppEnv>,
) => Response | Promise<Response>;

/** A path, and what answers it. */
export type Question = readonly [path: string, answer: Answer];

/**
 * The routes of questions, each of which needs a key that may read; another
 * method than GET is a 405.
 */
export function readRoutes(questions: readonly Question[]): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  const authenticate = authenticated("read");
  for (const [path, answer] of questions) {
    routes.get(path, noteFirst, authenticate, answer);
    routes.all(path, refuseMethod);
  }
  return routes;
}

/** Notes when this isolate was first asked. */
export function noteFirst(
  _context: Context<AppEnv>,
  next: Next,
): Promise<void> {
  firstAskedMs(Date.now());
  return next();
}

/** The answer where a path is asked by a method that it does not take. */
export function refuseMethod(context: Context<AppEnv>): Response {
  const { method, path } = context.req;
  return jsonError(405, `Cannot ${method} ${path}: it takes GET`, {
    headers: { allow: "GET, HEAD" },
  });
}
