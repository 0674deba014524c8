import type { Context, Next } from "hono";
import { drain } from "../ingest/drain.ts";
import type { AppEnv } from "./app_env.ts";

/** Reads what is left of a body once the answer is made (see `drain`). */
export async function readToTheEnd(
  context: Context<AppEnv>,
  next: Next,
): Promise<void> {
  await next();
  await drain(context.req.raw.body);
}
