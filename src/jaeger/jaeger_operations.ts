import * as z from "zod/mini";
import { ERROR_STATUSES, json, type Operations } from "../api/operation.ts";
import { jaegerAnswerSchema, jaegerProblemSchema } from "./jaeger_answer.ts";
import { jaegerDependenciesSchema } from "./jaeger_dependencies.ts";
import { jaegerTracesSchema } from "./jaeger_trace.ts";

const text = z.optional(z.string());
const namesSchema = jaegerAnswerSchema(z.string());
const operationsSchema = jaegerAnswerSchema(
  z.strictObject({ name: z.string(), spanKind: z.string() }),
);

const problem = json(jaegerProblemSchema);
const REFUSED = { description: ERROR_STATUSES[400], content: problem };
const NOT_FOUND = { description: ERROR_STATUSES[404], content: problem };

/** Jaeger's query API. What it takes beyond this is passed over. */
export const jaegerOperations = {
  "GET /jaeger/api/services": {
    id: "jaegerServices",
    tag: "jaeger",
    scope: "read",
    summary: "Names of services",
    answers: { 200: { description: "Names.", content: json(namesSchema) } },
  },
  "GET /jaeger/api/services/{service}/operations": {
    id: "jaegerOperationNames",
    tag: "jaeger",
    scope: "read",
    summary: "Names of the operations of a service",
    answers: { 200: { description: "Names.", content: json(namesSchema) } },
  },
  "GET /jaeger/api/operations": {
    id: "jaegerOperations",
    tag: "jaeger",
    scope: "read",
    summary: "Operations of a service with their kinds",
    query: z.object({ service: z.string(), spanKind: text }),
    answers: {
      200: { description: "Operations.", content: json(operationsSchema) },
      400: REFUSED,
    },
  },
  "GET /jaeger/api/traces": {
    id: "jaegerTraces",
    tag: "jaeger",
    scope: "read",
    summary: "Traces of a service, or by their ids",
    query: z.object({
      service: text,
      operation: text,
      tags: text,
      start: text,
      end: text,
      minDuration: text,
      maxDuration: text,
      limit: text,
      lookback: text,
      traceID: text,
    }),
    answers: {
      200: { description: "Traces.", content: json(jaegerTracesSchema) },
      400: REFUSED,
    },
    errors: [502],
  },
  "GET /jaeger/api/traces/{trace_id}": {
    id: "jaegerTrace",
    tag: "jaeger",
    scope: "read",
    summary: "One trace",
    answers: {
      200: { description: "The trace.", content: json(jaegerTracesSchema) },
      400: REFUSED,
      404: NOT_FOUND,
    },
    errors: [502],
  },
  "GET /jaeger/api/dependencies": {
    id: "jaegerDependencies",
    tag: "jaeger",
    scope: "read",
    summary: "Which service calls which, and how often",
    query: z.object({ endTs: text, lookback: text }),
    answers: {
      200: { description: "Calls.", content: json(jaegerDependenciesSchema) },
      400: REFUSED,
    },
  },
} as const satisfies Operations;
