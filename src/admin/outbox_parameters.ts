import * as z from "zod/mini";
import { MAX_DEAD_LETTERS } from "../outbox/outbox_limits.ts";
import { limitParameter } from "../query/parameters.ts";

/** Dead letters of a page, where `limit` says nothing. */
export const DEFAULT_PAGE = 50;
/** The most that `limit` can be. */
export const MAX_PAGE = 200;

/** The id of a dead letter. */
export const DEAD_LETTER_ID = /^[1-9]\d{0,14}$/;

/** Parameters of a page of dead letters. */
export const pageParameters = z.object({
  limit: z.optional(limitParameter(MAX_PAGE)),
  cursor: z.optional(
    z.string().check(
      z.regex(DEAD_LETTER_ID, "must be a next_cursor that was answered"),
    ),
  ),
});
/** Which dead letters are to be sent again. */
export const replayBody = z.union([
  z.strictObject({
    ids: z.array(z.int().check(z.minimum(1))).check(
      z.minLength(1),
      z.maxLength(MAX_DEAD_LETTERS),
    ),
  }),
  z.strictObject({ all: z.literal(true) }),
], `must be {"ids": […]} with 1 to ${MAX_DEAD_LETTERS} ids, or {"all": true}`);
