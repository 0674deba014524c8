import * as z from "zod/mini";
import { json, type Operations, TEXT } from "../api/operation.ts";
import { errorSchema } from "../http/error_schema.ts";

/** A request, as GraphQL over HTTP has it. */
export const graphqlRequestSchema = z.strictObject({
  query: z.string().check(z.describe("The document.")),
  operationName: z.optional(z.nullable(z.string())).check(
    z.describe("Which operation of the document is meant."),
  ),
  variables: z.optional(z.nullable(z.record(z.string(), z.unknown()))),
  extensions: z.optional(z.nullable(z.record(z.string(), z.unknown()))),
}).register(z.globalRegistry, { id: "GraphqlRequest" });

/** An answer, as GraphQL over HTTP has it. */
export const graphqlAnswerSchema = z.object({
  data: z.optional(z.nullable(z.record(z.string(), z.unknown()))),
  errors: z.optional(z.array(z.object({
    message: z.string(),
    path: z.optional(z.array(z.union([z.string(), z.number()]))),
    extensions: z.optional(z.record(z.string(), z.unknown())).check(
      z.describe("`code`, and what else is known."),
    ),
  }))),
}).register(z.globalRegistry, { id: "GraphqlAnswer" });

const answer = {
  ...json(graphqlAnswerSchema),
  "text/event-stream": z.string(),
  "application/graphql-response+json": graphqlAnswerSchema,
};

const refusal = {
  description: "The request is none, or the query was not executed; as " +
    "`application/json` GraphQL's own errors come with 200.",
  content: {
    ...json(errorSchema),
    "application/graphql-response+json": graphqlAnswerSchema,
  },
};

/** GraphQL. */
export const graphqlOperations = {
  "GET /graphql": {
    id: "queryGraphqlByUrl",
    tag: "graphql",
    scope: "read",
    summary: "A query in the URL; without one, the schema as text",
    query: z.object({
      query: z.optional(z.string()),
      operationName: z.optional(z.string()),
      variables: z.optional(z.string()).check(z.describe("JSON.")),
      extensions: z.optional(z.string()).check(z.describe("JSON.")),
    }),
    answers: {
      200: { description: "The answer.", content: { ...answer, ...TEXT } },
      400: refusal,
    },
  },
  "POST /graphql": {
    id: "queryGraphql",
    tag: "graphql",
    scope: "read",
    reads: true,
    summary: "A query",
    description: "Nothing can be changed by it. The status is 200 where the " +
      "query was executed, whatever its fields answered.",
    body: json(graphqlRequestSchema),
    answers: {
      200: { description: "The answer.", content: answer },
      400: refusal,
    },
  },
} as const satisfies Operations;
