import { json, type Operations } from "../api/operation.ts";
import {
  driftAnswerSchema,
  driftListSchema,
  takenDriftsSchema,
} from "./drift_answer.ts";
import { noParameters } from "../query/parameters.ts";
import { driftListParameters } from "./drift_parameters.ts";
import { toldDriftsSchema } from "./told_drift_schema.ts";

/** Drift events: told, listed, looked up. */
export const driftOperations = {
  "GET /api/v1/drift-events": {
    id: "listDriftEvents",
    tag: "drift",
    scope: "read",
    summary: "Changes of the infrastructure, the newest first",
    query: driftListParameters,
    answers: {
      200: { description: "Drift events.", content: json(driftListSchema) },
    },
  },
  "POST /api/v1/drift-events": {
    id: "tellDriftEvents",
    tag: "drift",
    scope: "admin",
    summary: "Tells of one change or several: all are taken, or none",
    description: "DeepDrift's form, the `drift_type`/`detected_at` form, and " +
      "TFDrift-Falco's webhook. The same event twice is one event. Where " +
      "DRIFT_WEBHOOK_SECRET is set, a signature of the body does in the place " +
      "of a key.",
    body: json(toldDriftsSchema),
    answers: {
      200: { description: "All were known.", content: json(takenDriftsSchema) },
      201: { description: "Some were new.", content: json(takenDriftsSchema) },
    },
  },
  "GET /api/v1/drift-events/{id}": {
    id: "getDriftEvent",
    tag: "drift",
    scope: "read",
    summary: "One change; DeepDrift is asked where it is not known here",
    path: { id: "Id of the event, or of the resource that it changed." },
    query: noParameters,
    answers: {
      200: { description: "The event.", content: json(driftAnswerSchema) },
    },
    errors: [404, 502],
  },
} as const satisfies Operations;
