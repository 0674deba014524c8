import * as z from "zod/mini";
import { json, type Operations } from "../api/operation.ts";
import { keyAnswerSchema, keyListSchema, newKeySchema } from "./key_answer.ts";
import {
  changedKeyBody,
  newKeyBody,
  rotateBody,
  tenantName,
} from "./key_body.ts";

/** Parameters of `GET /api/v1/keys`. */
export const keyListParameters = z.object({ tenant: z.optional(tenantName) });

/** Keys, for admins. */
export const keyOperations = {
  "GET /api/v1/keys": {
    id: "listKeys",
    tag: "keys",
    scope: "admin",
    summary: "The keys of a tenant, never their text",
    query: keyListParameters,
    answers: { 200: { description: "Keys.", content: json(keyListSchema) } },
  },
  "POST /api/v1/keys": {
    id: "createKey",
    tag: "keys",
    scope: "admin",
    summary: "Makes a key; its text is in this answer alone",
    body: json(newKeyBody),
    answers: { 201: { description: "The key.", content: json(newKeySchema) } },
    errors: [409],
  },
  "GET /api/v1/keys/{id}": {
    id: "getKey",
    tag: "keys",
    scope: "admin",
    summary: "One key",
    answers: {
      200: { description: "The key.", content: json(keyAnswerSchema) },
    },
    errors: [404],
  },
  "PATCH /api/v1/keys/{id}": {
    id: "changeKey",
    tag: "keys",
    scope: "admin",
    summary: "Changes a key's name or limits; null takes a limit away",
    body: json(changedKeyBody),
    answers: {
      200: { description: "The key.", content: json(keyAnswerSchema) },
    },
    errors: [404],
  },
  "DELETE /api/v1/keys/{id}": {
    id: "revokeKey",
    tag: "keys",
    scope: "admin",
    summary: "Revokes a key, for ever",
    answers: {
      200: { description: "The key.", content: json(keyAnswerSchema) },
    },
    errors: [404],
  },
  "POST /api/v1/keys/{id}/rotate": {
    id: "rotateKey",
    tag: "keys",
    scope: "admin",
    summary: "Makes a key in the place of another, which ends after a while",
    body: json(rotateBody),
    answers: {
      201: { description: "The new key.", content: json(newKeySchema) },
    },
    errors: [404, 409],
  },
} as const satisfies Operations;
