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
);

/** A number of requests: whole, unless spans are sampled. */
export const countField = z.number().check(z.minimum(0));

/** From 0 to 1. */
export const ratioField = z.number().check(z.minimum(0), z.maximum(1));

/** Per second. */
export const rateField = z.number().check(z.minimum(0));

/** 32 hex digits each, the failed ones first, then the slowest. */
export const traceIdsField = z.array(z.string());

/** What a node of the map is. */
export const nodeTypeField = z.literal(NODE_TYPES);

/** What every answer about a window says of it. */
export const windowFields = {
  /** Whole minutes, hours or days: it may start before what was asked for. */
  window_start: timeField,
  /** Now, where the window is not over. */
  window_end: timeField,
  timestamp: timeField,
  /** Where the answer holds less than was asked for, and why. */
  warnings: z.array(z.string()),
};
