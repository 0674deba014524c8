import type { Bindings } from "../bindings.ts";
import { type NodeIdentity, nodeOfId } from "../map/node_identity.ts";
import { directoryOf } from "./directory_stub.ts";

/** The services of a tenant, in the order of their first span. */
export async function listServices(
  bindings: Pick<Bindings, "DIRECTORY">,
  tenant: string,
): Promise<readonly NodeIdentity[]> {
  const ids = await directoryOf(bindings, tenant).list();
  return ids.map(nodeOfId);
}
