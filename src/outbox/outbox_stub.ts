import type { Outbox } from "../../durable-objects/outbox.ts";
import type { Bindings } from "../bindings.ts";
import { outboxName } from "../object_names.ts";

/** Which outbox. */
export interface OutboxOf {
  readonly tenant: string;
  /** The target's name. */
  readonly target: string;
}

/** The object that holds what a target of a tenant has not taken yet. */
export function outboxOf(
  bindings: Pick<Bindings, "OUTBOX">,
  { tenant, target }: OutboxOf,
): DurableObjectStub<Outbox> {
  return bindings.OUTBOX.getByName(outboxName(tenant, target));
}
