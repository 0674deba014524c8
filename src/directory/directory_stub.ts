import { proxyDurable } from "itty-durable";
import type { Bindings } from "../bindings.ts";
import { directoryName } from "../object_names.ts";
import type { ShardLayout } from "../trace/ownership.ts";
import type { AdmissionRequest, Refusal } from "./admit_ids.ts";

/** The calls that a Directory answers. */
export interface DirectoryStub {
  /** Adds services (`nodeId`); resolves to those that a limit refuses. */
  admit(request: AdmissionRequest): Promise<readonly Refusal[]>;
  /** All services (`nodeId`). */
  list(): Promise<readonly string[]>;
  /** The trace shards, extended where another number of them is asked for. */
  layout(shards: number): Promise<ShardLayout>;
}

/**
 * A tenant's Directory. itty-durable carries arguments as JSON in a header,
 * so what is passed must be ASCII and short: `nodeId`s are percent-encoded.
 */
export function directoryOf(
  bindings: Pick<Bindings, "DIRECTORY">,
  tenant: string,
): DirectoryStub {
  // No headers are passed on: a caller's key must not reach the object.
  const objects = proxyDurable(bindings.DIRECTORY, {
    name: "DIRECTORY",
    parse: true,
    headers: {},
  });
  return objects.get(directoryName(tenant)) as DirectoryStub;
}
