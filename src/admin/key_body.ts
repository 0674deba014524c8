import * as z from "zod/mini";
import type { KeyLimits } from "../access/caller.ts";
import { MAX_ORIGIN_LENGTH, ORIGIN } from "../access/origin.ts";
import type { KeyChanges } from "../access/key_store.ts";
import { MAX_SERVICES_PER_TENANT } from "../directory/admit_ids.ts";
import { LARGEST_BYTE_LIMIT } from "../settings.ts";

/** Characters of a key's name. */
export const MAX_KEY_NAME_LENGTH = 100;
/** Origins that a key can name. */
export const MAX_KEY_ORIGINS = 50;
/** Services that a key can name. */
export const MAX_KEY_SERVICES = 200;
/** Characters of one of them. */
export const MAX_KEY_SERVICE_LENGTH = 256;
/** The most requests a second that a key's limit can be. */
export const MAX_REQUESTS_PER_SECOND = 10_000;
/** The most spans a second that a key's limit can be. */
export const MAX_SPANS_PER_SECOND = 10_000_000;
/** How long a rotated key goes on to be taken, where nothing is said, s. */
export const DEFAULT_OVERLAP_S = 3600;
/** The longest that it can be: 30 days, s. */
export const MAX_OVERLAP_S = 30 * 86_400;

const ISO_TIME =
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

const name = z.string(nameProblem()).check(
  z.regex(/\S/, nameProblem()),
  z.maxLength(MAX_KEY_NAME_LENGTH, nameProblem()),
);

/** The name of a tenant. */
export const tenantName = z.string().check(
  z.regex(/^[a-z0-9-]{1,63}$/, "must be 1 to 63 of a to z, 0 to 9 and -"),
);

const origin = z.pipe(
  z.pipe(z.string(), z.transform((text: string) => text.toLowerCase())),
  z.string().check(
    z.maxLength(
      MAX_ORIGIN_LENGTH,
      `must have at most ${MAX_ORIGIN_LENGTH} characters`,
    ),
    z.regex(
      ORIGIN,
      "must be an origin such as https://shop.example, without a path",
    ),
  ),
);

const service = z.string().check(
  z.minLength(1, "must not be empty"),
  z.maxLength(
    MAX_KEY_SERVICE_LENGTH,
    `must have at most ${MAX_KEY_SERVICE_LENGTH} characters`,
  ),
);

const limits = {
  origins: limitOf(listOf(origin, MAX_KEY_ORIGINS)),
  services: limitOf(listOf(service, MAX_KEY_SERVICES)),
  requests_per_second: limitOf(wholeNumber(1, MAX_REQUESTS_PER_SECOND)),
  spans_per_second: limitOf(wholeNumber(1, MAX_SPANS_PER_SECOND)),
  body_bytes: limitOf(wholeNumber(1, LARGEST_BYTE_LIMIT)),
  max_services: limitOf(wholeNumber(0, MAX_SERVICES_PER_TENANT)),
};

/** What makes a key. */
export const newKeyBody = strict({
  tenant: z.optional(tenantName),
  name,
  scope: z.literal(
    ["ingest", "read", "admin"],
    'must be "ingest", "read" or "admin"',
  ),
  expires: z.optional(z.nullable(
    z.string().check(
      z.refine(
        (text: string) =>
          ISO_TIME.test(text) && !Number.isNaN(Date.parse(text)),
        "must be an RFC 3339 time such as 2027-01-01T00:00:00Z",
      ),
    ),
  )),
  ...limits,
});

/** What changes a key. */
export const changedKeyBody = strict({ name: z.optional(name), ...limits });

/** How a key is rotated. */
export const rotateBody = strict({
  overlap_s: z.optional(wholeNumber(0, MAX_OVERLAP_S)),
});

type LimitsBody = z.output<typeof changedKeyBody>;

/**
 * The limits that a body names: null takes one away, and what it does not name
 * is not there.
 */
export function namedLimits(body: LimitsBody): Partial<KeyLimits> {
  const named = {
    origins: body.origins,
    services: body.services,
    requestsPerSecond: body.requests_per_second,
    spansPerSecond: body.spans_per_second,
    bodyBytes: body.body_bytes,
    maxServices: body.max_services,
  };
  return Object.fromEntries(
    Object.entries(named).filter(([, value]) => value !== undefined),
  );
}

/** The changes that a body names. */
export function namedChanges(body: LimitsBody): KeyChanges {
  return {
    ...namedLimits(body),
    ...(body.name === undefined ? {} : { name: body.name }),
  };
}

function strict<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "invalid_type" ? "must be a JSON object" : undefined,
  });
}

function limitOf<T extends z.ZodMiniType>(schema: T) {
  return z.optional(z.nullable(schema));
}

function listOf<T extends z.ZodMiniType>(schema: T, most: number) {
  return z.array(schema, "must be a list of texts, or null for no limit").check(
    z.maxLength(most, `must have at most ${most} entries`),
  );
}

function wholeNumber(least: number, most: number) {
  const problem = `must be a whole number from ${least} to ${most}`;
  return z.int(problem).check(z.gte(least, problem), z.lte(most, problem));
}

function nameProblem(): string {
  return `must be a text of 1 to ${MAX_KEY_NAME_LENGTH} characters`;
}
