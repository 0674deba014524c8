import type { Context } from "hono";
import type * as z from "zod/mini";
import type { AppEnv } from "../http/app_env.ts";
import { logFault } from "../http/log.ts";
import { recordOf } from "../http/request_record.ts";
import { targetNames } from "../outbox/target_names.ts";
import { outboxOf } from "../outbox/outbox_stub.ts";
import { outboxAnswer, type outboxAnswerSchema } from "./outbox_answer.ts";

/** Asks what waits for one target of the caller's tenant. */
export async function loadOutbox(
  context: Context<AppEnv>,
  target: string,
): Promise<z.infer<typeof outboxAnswerSchema>> {
  const settings = context.get("settings");
  const { outbox: limits } = settings;
  const { tenant } = context.get("caller");
  const configured = targetNames(settings).includes(target);
  try {
    const status = await outboxOf(context.env, { tenant, target }).status();
    const nowMs = Date.now();
    return outboxAnswer(status, { target, configured, limits, nowMs });
  } catch (error) {
    // One outbox that does not answer is what one looks for here.
    const request_id = recordOf(context).id;
    logFault("outbox_does_not_answer", error, { request_id, tenant, target });
    return { target, configured, reachable: false };
  }
}
