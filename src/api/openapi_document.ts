import * as z from "zod/mini";
import {
  createDocument,
  type CreateDocumentOptions,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
  type ZodOpenApiResponsesObject,
} from "zod-openapi";
import { errorSchema } from "../http/error_schema.ts";
import {
  type Content,
  ERROR_STATUSES,
  type ErrorStatus,
  json,
  type Operation,
  type OperationAnswer,
  type Operations,
  TAGS,
} from "./operation.ts";

/** An OpenAPI 3.1 document. */
export type OpenApiDocument = ReturnType<typeof createDocument>;

/**
 * What a call can be refused with.
 *
 * @example A question that needs a key
 * ```ts
 * import { errorsOf } from "../src/api/openapi_document.ts";
 * import { queryOperations } from "../src/query/query_operations.ts";
 *
 * const map = queryOperations["GET /api/v1/servicemap"];
 * expect(errorsOf(map)).toEqual([400, 401, 403, 404, 429, 503]);
 * ```
 */
export function errorsOf(operation: Operation): readonly ErrorStatus[] {
  const { scope, query, passesOver = false, body, errors = [] } = operation;
  const all: ErrorStatus[] = [...errors];
  if (query !== undefined && !passesOver || body !== undefined) all.push(400);
  if (body !== undefined) all.push(413, 415);
  if (scope !== null) all.push(401, 403, 429, 503);
  return [...new Set(all)].toSorted((one, other) => one - other);
}

/**
 * The description of operations, made from the schemas that check requests and
 * type answers.
 *
 * Source: OpenAPI Specification 3.1.1.
 */
export function openApiDocument(
  operations: Operations,
  version: string,
): OpenApiDocument {
  const paths: ZodOpenApiPathsObject = {};
  for (const [key, operation] of Object.entries(operations)) {
    const [method = "", path = ""] = key.split(" ");
    paths[path] = {
      ...paths[path],
      [method.toLowerCase()]: operationObject(path, operation),
    };
  }
  return createDocument({ ...FRAME, info: { ...INFO, version }, paths }, {
    override: forReaders,
  });
}

const INFO = {
  title: "TraceCore",
  description: "OpenTelemetry in, service map out; and which change of the " +
    "infrastructure made which service slow or failing. Names are " +
    "snake_case; times are RFC 3339; durations are whole nanoseconds; rates " +
    "are per second; ratios are from 0 to 1. Answers may get more fields.",
  license: { name: "Apache-2.0", identifier: "Apache-2.0" },
} as const;

const FRAME: Omit<ZodOpenApiObject, "info"> = {
  openapi: "3.1.1",
  tags: Object.entries(TAGS).map(([name, description]) => ({
    name,
    description,
  })),
  components: {
    securitySchemes: {
      key: {
        type: "http",
        scheme: "bearer",
        description: "A key made by `POST /api/v1/keys`, or ADMIN_KEY.",
      },
    },
  },
};

function operationObject(
  path: string,
  operation: Operation,
): ZodOpenApiOperationObject {
  const { id, tag, scope, summary, description, query, body } = operation;
  const named = pathParameters(path, operation);
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...description === undefined ? {} : { description },
    security: scope === null ? [] : [{ key: [] }],
    ...scope === null ? {} : { "x-scope": scope },
    requestParams: {
      ...named === null ? {} : { path: named },
      ...query === undefined ? {} : { query },
    },
    ...body === undefined
      ? {}
      : { requestBody: { required: true, content: mediaTypes(body) } },
    responses: {
      ...Object.fromEntries(
        errorsOf(operation).map((status) => [status, ERRORS[status]]),
      ),
      ...Object.fromEntries(
        Object.entries(operation.answers).map(([status, answer]) => [
          status,
          responseObject(status, answer),
        ]),
      ),
    } as ZodOpenApiResponsesObject,
  };
}

function responseObject(
  status: string,
  { description, content }: OperationAnswer,
): ZodOpenApiResponseObject {
  return {
    description,
    ...mayRetry(status) ? { headers: RETRY } : {},
    ...content === undefined ? {} : { content: mediaTypes(content) },
  };
}

function pathParameters(
  path: string,
  { path: descriptions = {} }: Operation,
): z.ZodMiniObject | null {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  if (names.length === 0) return null;
  return z.object(Object.fromEntries(names.map((name) => {
    const text = descriptions[name];
    return [
      name,
      text === undefined ? z.string() : z.string().check(z.describe(text)),
    ];
  })));
}

function mediaTypes(content: Content) {
  return Object.fromEntries(
    Object.entries(content).map(([type, schema]) => [type, { schema }]),
  );
}

function mayRetry(status: string): boolean {
  return status === "429" || status === "503";
}

const RETRY = z.object({
  "Retry-After": z.string().check(z.describe("Seconds.")),
});

/** Each is in the document once, and named where it is answered. */
const ERRORS: Readonly<Record<string, ZodOpenApiResponseObject>> = Object
  .fromEntries(
    Object.entries(ERROR_STATUSES).map(([status, description]) => [status, {
      id: `Error${status}`,
      description,
      content: mediaTypes(json(errorSchema)),
      ...mayRetry(status) ? { headers: RETRY } : {},
    }]),
  );

// A client must not break where an answer gets a field more; and the patterns of
// times say nothing that their format does not.
function forReaders(
  { jsonSchema, io }: Parameters<
    Extract<CreateDocumentOptions["override"], (...given: never[]) => unknown>
  >[0],
): void {
  if (io === "output" && jsonSchema.additionalProperties === false) {
    delete jsonSchema.additionalProperties;
  }
  if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
}
