import { json, type Operations } from "../api/operation.ts";
import { noParameters } from "../query/parameters.ts";
import { anomalyAnswerSchema, anomalyListSchema } from "./anomaly_answer.ts";
import { anomalyListParameters } from "./anomaly_parameters.ts";

/** Anomalies: listed, looked up. */
export const anomalyOperations = {
  "GET /api/v1/anomalies": {
    id: "listAnomalies",
    tag: "anomalies",
    scope: "read",
    summary: "Anomalies, the newest first",
    query: anomalyListParameters,
    answers: {
      200: { description: "Anomalies.", content: json(anomalyListSchema) },
    },
  },
  "GET /api/v1/anomalies/{id}": {
    id: "getAnomaly",
    tag: "anomalies",
    scope: "read",
    summary: "One anomaly: its evidence, its end, what may be behind it",
    query: noParameters,
    answers: {
      200: { description: "The anomaly.", content: json(anomalyAnswerSchema) },
    },
    errors: [404],
  },
} as const satisfies Operations;
