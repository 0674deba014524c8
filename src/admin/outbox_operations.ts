import * as z from "zod/mini";
import { json, type Operations } from "../api/operation.ts";
import {
  deadLettersSchema,
  outboxAnswerSchema,
  outboxListSchema,
  replaySchema,
} from "../query/outbox_answer.ts";
import { noParameters } from "../query/parameters.ts";
import { pageParameters, replayBody } from "./outbox_parameters.ts";

const target = "Name of the target, as `GET /api/v1/outbox` lists it.";

/** Outboxes and their dead letters, for admins. */
export const outboxOperations = {
  "GET /api/v1/outbox": {
    id: "listOutboxes",
    tag: "outbox",
    scope: "admin",
    summary: "What waits for each target",
    query: noParameters,
    answers: {
      200: { description: "Targets.", content: json(outboxListSchema) },
    },
  },
  "GET /api/v1/outbox/{target}": {
    id: "getOutbox",
    tag: "outbox",
    scope: "admin",
    summary: "What waits for one target",
    path: { target },
    query: noParameters,
    answers: {
      200: { description: "The target.", content: json(outboxAnswerSchema) },
    },
    errors: [404],
  },
  "GET /api/v1/outbox/{target}/dead-letters": {
    id: "listDeadLetters",
    tag: "outbox",
    scope: "admin",
    summary: "Requests that the target will never take",
    path: { target },
    query: pageParameters,
    answers: {
      200: { description: "Dead letters.", content: json(deadLettersSchema) },
    },
    errors: [404],
  },
  "POST /api/v1/outbox/{target}/dead-letters/replay": {
    id: "replayDeadLetters",
    tag: "outbox",
    scope: "admin",
    summary: "Puts dead letters back into the queue",
    path: { target },
    query: noParameters,
    body: json(replayBody),
    answers: {
      200: { description: "What became of them.", content: json(replaySchema) },
    },
    errors: [404],
  },
  "GET /api/v1/outbox/{target}/dead-letters/{id}": {
    id: "getDeadLetter",
    tag: "outbox",
    scope: "admin",
    summary: "The body of a dead letter, as it came",
    path: { target },
    query: noParameters,
    answers: {
      200: {
        description: "The bytes; their type is in X-Original-Content-Type.",
        content: { "application/octet-stream": z.string() },
      },
    },
    errors: [404],
  },
  "DELETE /api/v1/outbox/{target}/dead-letters/{id}": {
    id: "deleteDeadLetter",
    tag: "outbox",
    scope: "admin",
    summary: "Deletes a dead letter",
    path: { target },
    query: noParameters,
    answers: { 204: { description: "It is gone." } },
    errors: [404],
  },
} as const satisfies Operations;
