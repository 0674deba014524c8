import * as z from "zod/mini";
import { nameParameter, rangeParameters } from "../query/parameters.ts";

/** Resources of one answer, where the request names no limit. */
export const DEFAULT_RESOURCE_LIMIT = 100;
/** The most resources of one answer. */
export const MAX_RESOURCE_LIMIT = 1000;

const LIMIT_PROBLEM = `must be a whole number from 1 to ${MAX_RESOURCE_LIMIT}`;

/** Parameters of `GET /api/v1/resources`. */
export const resourceListParameters = z.object({
  ...rangeParameters,
  type: z.optional(nameParameter),
  provider: z.optional(nameParameter),
  limit: z.optional(z.pipe(
    z.string().check(
      z.regex(/^\d{1,4}$/, LIMIT_PROBLEM),
      z.refine(
        (text) => Number(text) >= 1 && Number(text) <= MAX_RESOURCE_LIMIT,
        LIMIT_PROBLEM,
      ),
    ),
    z.transform(Number),
  )),
  /** The last id of the page before. */
  cursor: z.optional(z.string()),
});

/** Parameters of a question about one resource. */
export const resourceParameters = z.object({ ...rangeParameters });
