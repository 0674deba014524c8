import * as z from "zod/mini";
import {
  limitParameter,
  nameParameter,
  rangeParameters,
} from "../query/parameters.ts";

/** Resources of one answer, where the request names no limit. */
export const DEFAULT_RESOURCE_LIMIT = 100;
/** The most resources of one answer. */
export const MAX_RESOURCE_LIMIT = 1000;

/** Parameters of `GET /api/v1/resources`. */
export const resourceListParameters = z.object({
  ...rangeParameters,
  type: z.optional(nameParameter),
  provider: z.optional(nameParameter),
  limit: z.optional(limitParameter(MAX_RESOURCE_LIMIT)),
  /** The last id of the page before. */
  cursor: z.optional(z.string()),
});

/** Parameters of a question about one resource. */
export const resourceParameters = z.object({ ...rangeParameters });
