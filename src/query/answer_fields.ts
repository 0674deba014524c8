import * as z from "zod/mini";
import { NODE_TYPES } from "../map/node_type.ts";

// 2 years in ns are above 2^53, and still exact: they are whole ms.
function isWhole(value: number): boolean {
  return Number.isInteger(value);
}

/** RFC 3339, UTC. */
export const timeField = z.iso.datetime();

/** Nanoseconds, whole. */
export const durationField = z.number().check(
  z.minimum(0),
  z.refine(isWhole, "must be whole"),
  z.describe("Nanoseconds."),
);

/** A number of requests: whole, unless spans are sampled. */
export const countField = z.number().check(z.minimum(0));

/** From 0 to 1. */
export const ratioField = z.number().check(
  z.minimum(0),
  z.maximum(1),
  z.describe("From 0 to 1."),
);

/** Per second. */
export const rateField = z.number().check(
  z.minimum(0),
  z.describe("Per second."),
);

/** 32 hex digits each, the failed ones first, then the slowest. */
export const traceIdsField = z.array(z.string()).check(
  z.describe("32 hex digits each, the failed ones first, then the slowest."),
);

/** What a node of the map is. */
export const nodeTypeField = z.literal(NODE_TYPES);

/** What every answer about a window says of it. */
export const windowFields = {
  window_start: timeField.check(
    z.describe(
      "Whole minutes, hours or days: it may start before what was asked for.",
    ),
  ),
  window_end: timeField.check(z.describe("Now, where the window is not over.")),
  timestamp: timeField,
  warnings: z.array(z.string()).check(
    z.describe("Where the answer holds less than was asked for, and why."),
  ),
};
