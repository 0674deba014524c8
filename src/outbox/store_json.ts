import type { Bindings } from "../bindings.ts";
import type { JsonTargetName } from "./json_target.ts";
import { outboxOf } from "./outbox_stub.ts";

/** JSON for a target, as text. */
export interface JsonMessage {
  readonly tenant: string;
  readonly target: JsonTargetName;
  readonly json: string;
  /** The same for the same message, whoever sends it how often. */
  readonly idempotencyKey: string;
}

/** A target's outbox has no room. */
export class OutboxFullError extends Error {
  override readonly name = "OutboxFullError";
}

/**
 * Puts JSON into a target's outbox, which sends it until the target has it;
 * settles when it is on disk.
 *
 * @throws {OutboxFullError} Where there is no room.
 * @throws {OverloadedError} Where the outbox has too much to do.
 */
export async function storeJson(
  bindings: Pick<Bindings, "OUTBOX">,
  { tenant, target, json, idempotencyKey }: JsonMessage,
): Promise<void> {
  const of = { tenant, target };
  const admission = await outboxOf(bindings, of).append({
    request: {
      body: new Uint8Array(new TextEncoder().encode(json)),
      contentType: "application/json",
      contentEncoding: null,
      idempotencyKey,
    },
    refusal: null,
  }, of);
  if (!admission.ok) {
    throw new OutboxFullError(
      `Cannot send "${idempotencyKey}" to "${target}": ${admission.reason}`,
    );
  }
}
