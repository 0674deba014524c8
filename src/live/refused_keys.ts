import { keyState, scopeAllows } from "../access/access_key.ts";
import { readKey } from "../access/key_store.ts";

/** Which keys may not read any more. @throws What D1 threw. */
export async function refusedKeys(
  database: D1Database,
  keyIds: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const nowMs = Date.now();
  const refused = await Promise.all(Array.from(keyIds, async (id) => {
    const key = await readKey(database, id);
    const isFine = key !== null && keyState(key, nowMs) === "active" &&
      scopeAllows(key.scope, "read");
    return isFine ? [] : [id];
  }));
  return new Set(refused.flat());
}
