import * as z from "zod/mini";
import { json, type Operations, TEXT } from "../api/operation.ts";
import { traceParameters } from "../search/read_trace_search.ts";
import { answeredTraceSchema } from "./answered_trace.ts";
import { diagnosticsParameters, diagnosticsSchema } from "./diagnostics.ts";
import { healthSchema } from "./health.ts";
import { noParameters } from "./parameters.ts";
import {
  serviceDetailParameters,
  serviceDetailSchema,
} from "./service_detail.ts";
import { serviceListParameters, serviceListSchema } from "./service_list.ts";
import { serviceMapParameters, serviceMapSchema } from "./service_map.ts";
import { statusSchema } from "./status.ts";
import { traceListSchema } from "./trace_list.ts";

/** What AirDig, people and Prometheus ask of the map, traces and the service. */
export const queryOperations = {
  "GET /api/v1/servicemap": {
    id: "getServiceMap",
    tag: "map",
    scope: "read",
    summary: "The service map, or the part around one service",
    description: "Nodes with their own figures, and the calls between them " +
      "with rate, errors and percentiles; of the last 5 minutes where no time " +
      "is asked for.",
    query: serviceMapParameters,
    answers: {
      200: { description: "The map.", content: json(serviceMapSchema) },
    },
    errors: [404],
  },
  "GET /api/v1/services": {
    id: "listServices",
    tag: "map",
    scope: "read",
    summary: "Services with their rate, errors and percentiles",
    query: serviceListParameters,
    answers: {
      200: { description: "Services.", content: json(serviceListSchema) },
    },
  },
  "GET /api/v1/services/{name}": {
    id: "getService",
    tag: "map",
    scope: "read",
    summary:
      "One service: operations, callers, callees, resources, diagnostics",
    path: { name: "Name of the service." },
    query: serviceDetailParameters,
    answers: {
      200: { description: "The service.", content: json(serviceDetailSchema) },
    },
    errors: [404],
  },
  "GET /api/v1/diagnostics": {
    id: "getDiagnostics",
    tag: "map",
    scope: "read",
    summary: "What is wrong with the spans that services send, and what to do",
    query: diagnosticsParameters,
    answers: {
      200: { description: "Diagnostics.", content: json(diagnosticsSchema) },
    },
    errors: [404],
  },
  "GET /api/v1/traces": {
    id: "listTraces",
    tag: "traces",
    scope: "read",
    summary: "Traces that match, the newest first",
    description: "Service, operation, resource and attributes are asked of " +
      "one span; error and duration of the trace.",
    query: traceParameters,
    answers: {
      200: { description: "Traces.", content: json(traceListSchema) },
    },
    errors: [502],
  },
  "GET /api/v1/traces/{trace_id}": {
    id: "getTrace",
    tag: "traces",
    scope: "read",
    summary:
      "One trace: its spans, their tree, what took the time, what changed",
    path: { trace_id: "1 to 32 hex digits." },
    query: noParameters,
    answers: {
      200: { description: "The trace.", content: json(answeredTraceSchema) },
    },
    errors: [404, 502],
  },
  "GET /api/v1/status": {
    id: "getStatus",
    tag: "service",
    scope: "read",
    summary: "Version, spans in, lag, outbox, limits in force",
    query: noParameters,
    answers: {
      200: { description: "The status.", content: json(statusSchema) },
    },
  },
  "GET /metrics": {
    id: "getMetrics",
    tag: "service",
    scope: "read",
    summary: "Metrics for Prometheus, as text or as OpenMetrics by Accept",
    query: noParameters,
    answers: {
      200: {
        description: "Metrics.",
        content: { ...TEXT, "application/openmetrics-text": z.string() },
      },
    },
  },
  "GET /health": {
    id: "getHealth",
    tag: "service",
    scope: null,
    summary: "Whether all of the storage answers",
    answers: {
      200: { description: "All of it does.", content: json(healthSchema) },
    },
    errors: [503],
  },
} as const satisfies Operations;
