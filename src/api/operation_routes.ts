import { type Context, Hono, type MiddlewareHandler, type Next } from "hono";
import { refuseOtherOrigins } from "../http/refuse_other_origins.ts";
import type { AppEnv } from "../http/app_env.ts";
import { authenticated } from "../http/authenticated.ts";
import { jsonError } from "../http/json_error.ts";
import { readToTheEnd } from "../http/read_to_the_end.ts";
import { firstAskedMs } from "../query/first_asked.ts";
import type { Operation, Operations } from "./operation.ts";

/** What answers a request. */
export type Handler = (
  context: Context<AppEnv>,
) => Response | Promise<Response>;

/** What answers each operation: none of them is missing, and no other. */
export type Handlers<Described extends Operations> = {
  readonly [Key in keyof Described]: Handler;
};

/** What the routes of operations can have of their own. */
export interface OperationRoutesOptions<Described extends Operations> {
  /** What lets requests in, where that is more than a key for the scope. */
  readonly access?: {
    readonly [Key in keyof Described]?: MiddlewareHandler<AppEnv>;
  };
}

/**
 * The routes of operations: each needs a key for its scope; another method on
 * its path is a 405. What changes something, and what is for admins, is not for
 * pages of another origin.
 */
export function operationRoutes<const Described extends Operations>(
  operations: Described,
  handlers: Handlers<Described>,
  { access = {} }: OperationRoutesOptions<Described> = {},
): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  const keys = Object.keys(operations) as (keyof Described & string)[];
  const byPath = Map.groupBy(keys, (key) => methodAndPath(key).path);
  // Path by path: `…/replay` refuses a GET before `…/:id` takes it.
  for (const [path, own] of byPath) {
    for (const key of own) {
      const { method } = methodAndPath(key);
      const operation = operations[key] as Operation;
      const enter = access[key] ?? accessTo(operation);
      routes.on(
        method,
        [path],
        ...guards(method, operation),
        ...enter === null ? [] : [enter],
        handlers[key],
      );
    }
    routes.all(path, readToTheEnd, refuseMethod(allowed(own)));
  }
  return routes;
}

/**
 * The method of an operation, and its path as Hono writes it.
 *
 * @example
 * ```ts
 * import { methodAndPath } from "../src/api/operation_routes.ts";
 *
 * expect(methodAndPath("GET /api/v1/services/{name}")).toEqual({
 *   method: "GET",
 *   path: "/api/v1/services/:name",
 * });
 * ```
 */
export function methodAndPath(
  key: string,
): { readonly method: string; readonly path: string } {
  const [method = "", path = ""] = key.split(" ");
  return { method, path: path.replaceAll(/\{(\w+)\}/g, ":$1") };
}

/** As in `Allow`: what is asked for by GET can be asked for by HEAD. */
function allowed(keys: readonly string[]): string {
  return keys.map((key) => methodAndPath(key).method)
    .map((method) => method === "GET" ? "GET, HEAD" : method)
    .join(", ");
}

function accessTo({ scope }: Operation): MiddlewareHandler<AppEnv> | null {
  return scope === null ? null : authenticated(scope);
}

function guards(
  method: string,
  { scope, reads }: Operation,
): readonly MiddlewareHandler<AppEnv>[] {
  if (reads === true) return [noteFirst, readToTheEnd];
  return method !== "GET" || scope === "admin"
    ? [noteFirst, readToTheEnd, refuseOtherOrigins]
    : [noteFirst];
}

/** Notes when this isolate was first asked. */
function noteFirst(_context: Context<AppEnv>, next: Next): Promise<void> {
  firstAskedMs(Date.now());
  return next();
}

/** Answers 405 with what a path takes. */
function refuseMethod(allow: string): Handler {
  return function refuse(context) {
    const { method, path } = context.req;
    return jsonError(405, `Cannot ${method} ${path}: it takes ${allow}`, {
      headers: { allow },
    });
  };
}
