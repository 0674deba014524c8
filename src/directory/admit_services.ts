import type { Caller } from "../access/caller.ts";
import type { Bindings } from "../bindings.ts";
import { nodeId, type NodeIdentity } from "../map/node_identity.ts";
import {
  ADMISSION_MS,
  MAX_SERVICES_PER_TENANT,
  type RefusedBy,
} from "./admit_ids.ts";
import { directoryOf } from "./directory_stub.ts";
import { RememberedAnswers } from "./remembered_answers.ts";

/** Characters of names in one call, which travel in a header of 128 KB. */
export const MAX_NAMES_PER_CALL_LENGTH = 32 * 1024;
/**
 * Services of one request that the Directory is asked about; more than these
 * cannot all get in.
 */
export const MAX_ASKED_SERVICES = MAX_SERVICES_PER_TENANT;
/** A service that was refused is tried again after this time, ms. */
export const REFUSAL_MS = 60_000;

// Per isolate: most requests come from services that are known to it. What is
// refused is kept apart, so that a flood of it does not displace the others.
const admitted = new RememberedAnswers<true>(ADMISSION_MS);
const refused = new RememberedAnswers<RefusedBy>(REFUSAL_MS);

/**
 * Makes services known to the tenant's directory before their spans count.
 *
 * @returns By `nodeId`, those that do not get in, and which limit refused them.
 * @throws Where the directory does not answer.
 */
export async function admitServices(
  bindings: Bindings,
  request: {
    readonly caller: Caller;
    readonly services: readonly NodeIdentity[];
  },
): Promise<ReadonlyMap<string, RefusedBy>> {
  const { tenant, keyId, limits } = request.caller;
  const nowMs = Date.now();
  const answer = new Map<string, RefusedBy>();
  const unknown: string[] = [];
  for (const id of request.services.map(nodeId)) {
    if (admitted.answerOf(`${tenant}\n${id}`, nowMs) !== undefined) continue;
    const limit = refused.answerOf(`${tenant}\n${keyId}\n${id}`, nowMs);
    if (limit !== undefined) answer.set(id, limit);
    else if (unknown.length < MAX_ASKED_SERVICES) unknown.push(id);
    else answer.set(id, "tenant");
  }
  const { maxServices } = limits;
  for (const ids of callsOf(unknown)) {
    const directory = directoryOf(bindings, tenant);
    const refusals = new Map(
      (await directory.admit({ ids, keyId, maxServices }))
        .map(({ id, limit }) => [id, limit]),
    );
    for (const id of ids) {
      const limit = refusals.get(id);
      if (limit === undefined) {
        admitted.remember(`${tenant}\n${id}`, true, nowMs);
      } else {
        refused.remember(`${tenant}\n${keyId}\n${id}`, limit, nowMs);
        answer.set(id, limit);
      }
    }
  }
  return answer;
}

/** Ids in calls that are short enough. */
export function* callsOf(
  ids: readonly string[],
): Generator<readonly string[]> {
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
