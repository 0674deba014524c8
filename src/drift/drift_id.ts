import { keyDigest } from "../access/key_text.ts";
import type { Drift } from "./drift.ts";
import type { ToldDrift } from "./read_drifts.ts";

/** Hex digits of an id that is made: 96 bits. */
const MADE_ID_LENGTH = 24;

/**
 * An event with its id. One that came without gets one that is the same each
 * time the event is told: from its source, what happened to which resource, and
 * the cloud's own number of the call, where there is one, or the time.
 *
 * @example
 * ```ts
 * import { readDrifts } from "../src/drift/read_drifts.ts";
 * import { withId } from "../src/drift/drift_id.ts";
 *
 * const told = readDrifts({
 *   resource_id: "sg-1", drift_type: "modified", detected_at: 1_700_000_000,
 * }, 1_700_000_001_000);
 * if (!told.ok || told.drifts[0] === undefined) throw new Error("not read");
 * const { id } = await withId(told.drifts[0]);
 * expect(id).toMatch(/^drift-[0-9a-f]{24}$/);
 * expect((await withId(told.drifts[0])).id).toBe(id);
 * ```
 */
export async function withId(told: ToldDrift): Promise<Drift> {
  if (told.id !== null) return { ...told, id: told.id };
  const call = told.metadata["request_id"] ??
    told.rootCause?.cloudtrailEventId ?? "";
  const parts = [
    told.source,
    told.resourceType,
    told.resourceId,
    told.type,
    typeof call === "string" && call !== "" ? call : told.timeMs,
  ];
  const digest = await keyDigest(JSON.stringify(parts));
  return { ...told, id: `drift-${digest.slice(0, MADE_ID_LENGTH)}` };
}
