import * as z from "zod/mini";
import {
  depthParameter,
  directionParameter,
  nameParameter,
} from "../query/parameters.ts";

/** Parameters of `GET /api/v1/live`. */
export const liveParameters = z.object({
  service: z.optional(nameParameter),
  depth: z.optional(depthParameter),
  direction: z.optional(directionParameter),
});

/** Which part of the map a listener is told of; all where it names nothing. */
export type LiveSelection = z.infer<typeof liveParameters>;

/**
 * One string for a selection: listeners with the same are told the same.
 *
 * @example
 * ```ts
 * import { selectionKey } from "../src/live/live_selection.ts";
 *
 * expect(selectionKey({ depth: 2, service: "cart" }))
 *   .toBe(selectionKey({ service: "cart", depth: 2 }));
 * expect(selectionKey({})).not.toBe(selectionKey({ service: "cart" }));
 * ```
 */
export function selectionKey(
  { service, depth, direction }: LiveSelection,
): string {
  return JSON.stringify([service, depth, direction]);
}
