import * as z from "zod/mini";
import { decodeDriftCursor } from "./drift_cursor.ts";
import type { DriftPosition } from "./drift_filter.ts";

/** Where a page of what has a time and an id begins. */
export const cursorParameter = z.pipe(
  z.string(),
  z.transform((text: string, context): DriftPosition => {
    const position = decodeDriftCursor(text);
    if (position !== null) return position;
    context.issues.push({
      code: "custom",
      message: "must be a next_cursor of an earlier answer",
      input: text,
    });
    return z.NEVER;
  }),
).check(z.describe("The `next_cursor` of the page before."));
