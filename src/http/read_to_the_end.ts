import type { Context, Next } from "hono";
import { drain } from "../ingest/drain.ts";
import type { AppEnv } from "./app_env.ts";
import { recordOf } from "./request_record.ts";

/**
 * Reads what is left of a body once the answer is made (see `drain`), and notes
 * how much came where nobody read it before.
 */
export async function readToTheEnd(
  context: Context<AppEnv>,
  next: Next,
): Promise<void> {
  await next();
  const bytesIn = await drain(context.req.raw.body);
  const record = recordOf(context);
  if (record.notes.bytesIn === undefined) record.note({ bytesIn });
}
