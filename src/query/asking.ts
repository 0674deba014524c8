import type { Context } from "hono";
import type { Bindings } from "../bindings.ts";
import type { AppEnv } from "../http/app_env.ts";
import type { Settings } from "../settings.ts";

/** Who asks, when, and with what the answer is found. */
export interface Asking {
  readonly bindings: Bindings;
  readonly tenant: string;
  /** Public part of the key; "" for ADMIN_KEY and for an open service. */
  readonly keyId: string;
  readonly settings: Settings;
  /** Now, ms since the epoch: the same for all parts of an answer. */
  readonly nowMs: number;
  /** Keeps the isolate alive for what goes on after the answer. */
  readonly waitUntil: (promise: Promise<unknown>) => void;
}

/** Who asks by a request that was let through. */
export function askingOf(
  context: Context<AppEnv>,
  nowMs: number = Date.now(),
): Asking {
  return {
    bindings: context.env,
    tenant: context.get("caller").tenant,
    keyId: context.get("caller").keyId,
    settings: context.get("settings"),
    nowMs,
    waitUntil: (promise) => context.executionCtx.waitUntil(promise),
  };
}
