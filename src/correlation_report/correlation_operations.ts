import { json, type Operations, TEXT } from "../api/operation.ts";
import { noParameters } from "../query/parameters.ts";
import {
  driftReportParameters,
  incidentParameters,
  reportListParameters,
} from "./correlation_parameters.ts";
import { driftReportSchema, reportListSchema } from "./drift_report_schema.ts";
import { incidentReportSchema } from "./incident_schema.ts";

/** Which change did what, and what did which change. */
export const correlationOperations = {
  "GET /api/v1/correlation/drift/{id}": {
    id: "correlateDrift",
    tag: "drift",
    scope: "read",
    summary: "What a change did: which services, how much, how surely",
    path: { id: "Id of the event, or of the resource that it changed." },
    query: driftReportParameters,
    answers: {
      200: {
        description: "The report, which is stored.",
        content: { ...json(driftReportSchema), ...TEXT },
      },
    },
    errors: [404, 502],
  },
  "GET /api/v1/correlation/incident": {
    id: "correlateIncident",
    tag: "drift",
    scope: "read",
    summary: "Which change may have made a service slow or failing",
    query: incidentParameters,
    answers: {
      200: { description: "The report.", content: json(incidentReportSchema) },
    },
    errors: [404],
  },
  "GET /api/v1/correlation/anomaly/{id}": {
    id: "correlateAnomaly",
    tag: "drift",
    scope: "read",
    summary: "Which change may be behind an anomaly",
    query: noParameters,
    answers: {
      200: { description: "The report.", content: json(incidentReportSchema) },
    },
    errors: [404],
  },
  "GET /api/v1/correlations": {
    id: "listCorrelations",
    tag: "drift",
    scope: "read",
    summary: "The newest report of each change",
    query: reportListParameters,
    answers: {
      200: { description: "Reports.", content: json(reportListSchema) },
    },
  },
} as const satisfies Operations;
