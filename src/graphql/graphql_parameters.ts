import * as z from "zod/mini";
import { windowParameter } from "../correlation_report/correlation_parameters.ts";
import {
  limitParameter,
  nameParameter,
  rangeParameters,
} from "../query/parameters.ts";
import { serviceDetailParameters } from "../query/service_detail.ts";
import { serviceListParameters } from "../query/service_list.ts";

/** Services of one list, where no limit is given. */
export const DEFAULT_SERVICE_LIMIT = 100;
/** The most services of one list: as many as a tenant has. */
export const MAX_SERVICE_LIMIT = 1000;
/** Operations of a service, where no limit is given. */
export const DEFAULT_OPERATION_LIMIT = 20;
/** Events and anomalies of one thing, where no limit is given. */
export const DEFAULT_RELATED_LIMIT = 5;
/** The most events and anomalies of one thing. */
export const MAX_RELATED_LIMIT = 50;
/** Neighbours of a resource, where no limit is given. */
export const DEFAULT_DEPENDENCY_LIMIT = 20;
/** Findings of each sort, where no limit is given. */
export const DEFAULT_SEARCH_LIMIT = 10;
/** The most findings of each sort. */
export const MAX_SEARCH_LIMIT = 50;

const idParameter = z.string().check(
  z.minLength(1, "must not be empty"),
  z.maxLength(2048, "must have at most 2048 characters"),
);

/** Arguments of `services`. */
export const servicesArguments = z.object({
  ...serviceListParameters.shape,
  limit: z.optional(limitParameter(MAX_SERVICE_LIMIT)),
  cursor: z.optional(z.string()),
});

/** Arguments of `service`. */
export const serviceArguments = z.object({
  name: nameParameter,
  ...serviceDetailParameters.shape,
});

/** Arguments of what is asked for by its id. */
export const idArguments = z.object({ id: idParameter });

/** Arguments of `resource`. */
export const resourceArguments = z.object({
  id: idParameter,
  ...rangeParameters,
});

/** Arguments of `correlation`. */
export const correlationArguments = z.object({
  drift_event_id: idParameter,
  window: z.optional(windowParameter),
});

/** Arguments of `search`. */
export const searchArguments = z.object({
  query: nameParameter.check(
    z.describe(
      "A part of a name or an id, in any case; or a whole id of a trace.",
    ),
  ),
  limit: z.optional(limitParameter(MAX_SEARCH_LIMIT)),
});
