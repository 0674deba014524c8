import type { Context } from "hono";
import { matchedRoutes } from "hono/route";
import type { Caller } from "../access/caller.ts";
import type { AppEnv } from "./app_env.ts";
import { recordOf, type RequestRecord } from "./request_record.ts";

/** Characters of a path that no route has, in the log. */
export const MAX_LOGGED_PATH = 200;

/** A request that has its answer. */
export interface ServedRequest {
  readonly method: string;
  /** The pattern of its route; null where it has none. */
  readonly route: string | null;
  /** Without the query. */
  readonly path: string;
  readonly status: number;
  /** When it was answered, ms since the epoch. */
  readonly endMs: number;
  /** null where no key was known. */
  readonly caller: Caller | null;
  /** Bytes of the body that came, as far as known: what was said is no measure. */
  readonly bytesIn: number;
  /** Why it was refused, in one word; null where it was not. */
  readonly refusal: string | null;
  readonly record: RequestRecord;
}

/** Refusals by status, where a route did not note a closer reason. */
const REFUSALS: Readonly<Record<number, string>> = {
  400: "malformed",
  401: "no_key",
  403: "forbidden",
  404: "not_found",
  405: "method",
  413: "too_large",
  415: "content_type",
  429: "rate",
  503: "unavailable",
};

/** What is known of a request once it has been answered. */
export function servedRequest(context: Context<AppEnv>): ServedRequest {
  const record = recordOf(context);
  const { method, path } = context.req;
  const { status } = context.res;
  // Not set where a request was refused before its key was read.
  const caller = context.get("caller") as Caller | undefined;
  return {
    method,
    route: routeOf(context),
    path: path.slice(0, MAX_LOGGED_PATH),
    status,
    endMs: Date.now(),
    caller: caller ?? null,
    bytesIn: record.notes.bytesIn ?? 0,
    refusal: status < 400
      ? null
      : record.notes.refusal ?? REFUSALS[status] ?? "fault",
    record,
  };
}

function routeOf(context: Context<AppEnv>): string | null {
  const patterns = matchedRoutes(context).map(({ path }) => path);
  return patterns.findLast((path) => !path.endsWith("*")) ?? null;
}
