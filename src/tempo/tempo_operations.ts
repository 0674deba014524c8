import * as z from "zod/mini";
import {
  ERROR_STATUSES,
  json,
  type Operations,
  TEXT,
} from "../api/operation.ts";
import { tempoSearchSchema } from "./tempo_search.ts";
import { tempoTraceByIdSchema, tempoTraceSchema } from "./tempo_trace.ts";

const PROTOBUF = { "application/protobuf": z.string() } as const;

const text = z.optional(z.string());

/** As unix seconds. */
const range = { start: text, end: text };
const metrics = z.strictObject({});

/** Answer to `GET /tempo/api/status/buildinfo`. */
export const buildInfoSchema = z.strictObject({
  version: z.string(),
  revision: z.string(),
  branch: z.string(),
  buildUser: z.string(),
  buildDate: z.string(),
  goVersion: z.string(),
});

/** Answer to `GET /tempo/api/search/tags`. */
export const tagNamesSchema = z.strictObject({
  tagNames: z.array(z.string()),
  metrics,
});

/** Answer to `GET /tempo/api/v2/search/tags`. */
export const tagScopesSchema = z.strictObject({
  scopes: z.array(z.strictObject({
    name: z.string(),
    tags: z.array(z.string()),
  })),
  metrics,
});

/** Answer to `GET /tempo/api/search/tag/{tag}/values`. */
export const tagValuesSchema = z.strictObject({
  tagValues: z.array(z.string()),
  metrics,
});

/** Answer to `GET /tempo/api/v2/search/tag/{tag}/values`. */
export const typedTagValuesSchema = z.strictObject({
  tagValues: z.array(z.strictObject({ type: z.string(), value: z.string() })),
  metrics,
});

/** What Tempo says in plain text. */
const REFUSED = { description: ERROR_STATUSES[400], content: TEXT };
const NOT_FOUND = { description: ERROR_STATUSES[404], content: TEXT };

/** Tempo's query API. What it takes beyond this is passed over, as by Tempo. */
export const tempoOperations = {
  "GET /tempo/api/echo": {
    id: "tempoEcho",
    tag: "tempo",
    scope: "read",
    summary: "Says echo: that there is a Tempo here",
    answers: { 200: { description: "echo", content: TEXT } },
  },
  "GET /tempo/api/status/buildinfo": {
    id: "tempoBuildInfo",
    tag: "tempo",
    scope: "read",
    summary: "The version of Tempo whose API this is",
    answers: {
      200: { description: "The version.", content: json(buildInfoSchema) },
    },
  },
  "GET /tempo/api/search": {
    id: "tempoSearch",
    tag: "tempo",
    scope: "read",
    summary: "Traces that match TraceQL, or tags",
    query: z.object({
      ...range,
      q: text,
      tags: text,
      minDuration: text,
      maxDuration: text,
      limit: text,
      spss: text,
    }),
    answers: {
      200: { description: "Traces.", content: json(tempoSearchSchema) },
      400: REFUSED,
    },
    errors: [502],
  },
  "GET /tempo/api/search/tags": {
    id: "tempoTags",
    tag: "tempo",
    scope: "read",
    summary: "Names of attributes",
    query: z.object({ ...range, scope: text }),
    answers: {
      200: { description: "Names.", content: json(tagNamesSchema) },
      400: REFUSED,
    },
    errors: [502],
  },
  "GET /tempo/api/search/tag/{tag}/values": {
    id: "tempoTagValues",
    tag: "tempo",
    scope: "read",
    summary: "Values of an attribute",
    query: z.object({ ...range, q: text }),
    passesOver: true,
    answers: {
      200: { description: "Values.", content: json(tagValuesSchema) },
    },
    errors: [502],
  },
  "GET /tempo/api/v2/search/tags": {
    id: "tempoScopedTags",
    tag: "tempo",
    scope: "read",
    summary: "Names of attributes by scope",
    query: z.object({ ...range, scope: text }),
    answers: {
      200: { description: "Names.", content: json(tagScopesSchema) },
      400: REFUSED,
    },
    errors: [502],
  },
  "GET /tempo/api/v2/search/tag/{tag}/values": {
    id: "tempoTypedTagValues",
    tag: "tempo",
    scope: "read",
    summary: "Values of an attribute with their types",
    query: z.object({ ...range, q: text }),
    passesOver: true,
    answers: {
      200: { description: "Values.", content: json(typedTagValuesSchema) },
    },
    errors: [502],
  },
  "GET /tempo/api/traces/{trace_id}": {
    id: "tempoTrace",
    tag: "tempo",
    scope: "read",
    summary: "One trace, as JSON or as protobuf by Accept",
    answers: {
      200: {
        description: "The trace.",
        content: { ...json(tempoTraceSchema), ...PROTOBUF },
      },
      404: NOT_FOUND,
    },
    errors: [400, 502],
  },
  "GET /tempo/api/v2/traces/{trace_id}": {
    id: "tempoTraceById",
    tag: "tempo",
    scope: "read",
    summary: "One trace, or an empty one, as JSON or as protobuf by Accept",
    answers: {
      200: {
        description: "The trace.",
        content: { ...json(tempoTraceByIdSchema), ...PROTOBUF },
      },
    },
    errors: [400, 502],
  },
} as const satisfies Operations;
