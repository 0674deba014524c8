import * as z from "zod/mini";
import { json, type Operations } from "./operation.ts";

/** Answer to `GET /`. */
export const endpointListSchema = z.strictObject({
  service: z.literal("tracecore"),
  endpoints: z.array(z.string()).check(
    z.describe("Method and path."),
  ),
});

/** What tells about the API itself; none of it needs a key. */
export const apiOperations = {
  "GET /": {
    id: "listEndpoints",
    tag: "service",
    scope: null,
    summary: "The calls that there are",
    answers: {
      200: { description: "The calls.", content: json(endpointListSchema) },
    },
  },
  "GET /openapi.json": {
    id: "getOpenApi",
    tag: "service",
    scope: null,
    summary: "This description, as OpenAPI 3.1",
    answers: {
      200: {
        description: "The description.",
        content: json(z.looseObject({ openapi: z.string() })),
      },
    },
  },
  "GET /docs": {
    id: "getDocs",
    tag: "service",
    scope: null,
    summary: "This description, as a page to read",
    answers: {
      200: { description: "The page.", content: { "text/html": z.string() } },
    },
  },
} as const satisfies Operations;
