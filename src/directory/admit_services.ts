import type { Bindings } from "../bindings.ts";
import { nodeId, type NodeIdentity } from "../map/node_identity.ts";
import { directoryOf } from "./directory_stub.ts";

/** Characters of names in one call, which travel in a header of 128 KB. */
export const MAX_NAMES_PER_CALL_LENGTH = 32 * 1024;
/** Answers that an isolate remembers; then it asks anew. */
export const MAX_REMEMBERED_SERVICES = 10_000;

// Per isolate: most requests come from services that are known to it.
const admitted: Set<string> = new Set();
const refused: Set<string> = new Set();

/**
 * Makes services known to the tenant's directory before their spans count.
 *
 * @returns `nodeId`s of those that are beyond the tenant's limit.
 */
export async function admitServices(
  bindings: Bindings,
  request: {
    readonly tenant: string;
    readonly services: readonly NodeIdentity[];
  },
): Promise<ReadonlySet<string>> {
  const ids = request.services.map(nodeId);
  const prefix = `${request.tenant}\n`;
  const unknown = ids.filter((id) =>
    !admitted.has(prefix + id) && !refused.has(prefix + id)
  );
  const answer = new Set(ids.filter((id) => refused.has(prefix + id)));
  for (const asked of callsOf(unknown)) {
    const directory = directoryOf(bindings, request.tenant);
    const beyond = new Set(await directory.admit(asked));
    for (const id of asked) {
      remember(beyond.has(id) ? refused : admitted, prefix + id);
      if (beyond.has(id)) answer.add(id);
    }
  }
  return answer;
}

function* callsOf(ids: readonly string[]): Generator<readonly string[]> {
  let call: string[] = [];
  let length = 0;
  for (const id of ids) {
    if (call.length > 0 && length + id.length > MAX_NAMES_PER_CALL_LENGTH) {
      yield call;
      call = [];
      length = 0;
    }
    call.push(id);
    length += id.length;
  }
  if (call.length > 0) yield call;
}

function remember(names: Set<string>, name: string): void {
  if (names.size >= MAX_REMEMBERED_SERVICES) names.clear();
  names.add(name);
}
