import type { Context, Hono } from "hono";
import { type AccessKey, keyState } from "../access/access_key.ts";
import { NO_KEY_LIMITS } from "../access/caller.ts";
import { isolateKeys } from "../access/isolate_keys.ts";
import {
  changeKey,
  insertKey,
  listKeys,
  MAX_KEYS_PER_TENANT,
  readKey,
  replaceKey,
  revokeKey,
} from "../access/key_store.ts";
import { isKeyId, keyDigest, makeKey } from "../access/key_text.ts";
import { operationRoutes } from "../api/operation_routes.ts";
import type { AppEnv } from "../http/app_env.ts";
import { badRequest, HttpProblem } from "../http/http_problem.ts";
import { answerJson } from "../query/answer_json.ts";
import { readOrRefuse } from "../query/asked.ts";
import { jsonBody } from "./json_body.ts";
import { keyAnswer } from "./key_answer.ts";
import {
  changedKeyBody,
  DEFAULT_OVERLAP_S,
  namedChanges,
  namedLimits,
  newKeyBody,
  rotateBody,
} from "./key_body.ts";
import { keyListParameters, keyOperations } from "./key_operations.ts";

const KEYS = "/api/v1/keys";

/**
 * Keys over HTTP, for who holds ADMIN_KEY (of every tenant) or an admin key (of
 * its own; another tenant's key is a 404 as one that does not exist). A key's
 * text stands in the answer that makes it, and nowhere else.
 */
export function keyRoutes(): Hono<AppEnv> {
  return operationRoutes(keyOperations, {
    "GET /api/v1/keys": answerKeys,
    "POST /api/v1/keys": createKey,
    "GET /api/v1/keys/{id}": answerKey,
    "PATCH /api/v1/keys/{id}": answerChange,
    "DELETE /api/v1/keys/{id}": answerRevocation,
    "POST /api/v1/keys/{id}/rotate": rotateKey,
  });
}

/** `POST /api/v1/keys` */
async function createKey(context: Context<AppEnv>): Promise<Response> {
  const body = await jsonBody(context.req.raw, newKeyBody);
  const nowMs = Date.now();
  const expiresMs = typeof body.expires === "string"
    ? Date.parse(body.expires)
    : null;
  if (expiresMs !== null && expiresMs <= nowMs) {
    throw badRequest(
      "Cannot make a key that has expired: wrong field expires",
      [
        { parameter: "expires", problem: "must be in the future" },
      ],
    );
  }
  const made = makeKey((bytes) => crypto.getRandomValues(bytes));
  const key: AccessKey = {
    id: made.id,
    tenant: askedTenant(context, body.tenant),
    name: body.name,
    scope: body.scope,
    hash: await keyDigest(made.text),
    createdMs: nowMs,
    expiresMs,
    revokedMs: null,
    limits: { ...NO_KEY_LIMITS, ...namedLimits(body) },
  };
  if (!await insertKey(context.env.DB, key)) throw noRoom(key.tenant);
  return answerNew(key, made.text);
}

/** `GET /api/v1/keys` */
async function answerKeys(context: Context<AppEnv>): Promise<Response> {
  const { tenant } = readOrRefuse(context, keyListParameters);
  const keys = await listKeys(context.env.DB, askedTenant(context, tenant));
  const nowMs = Date.now();
  return answerJson({
    keys: keys.map((key) => keyAnswer(key, nowMs)),
    count: keys.length,
  });
}

/** `GET /api/v1/keys/:id` */
async function answerKey(context: Context<AppEnv>): Promise<Response> {
  return answerJson(keyAnswer(await namedKey(context), Date.now()));
}

/** `PATCH /api/v1/keys/:id` */
async function answerChange(context: Context<AppEnv>): Promise<Response> {
  const body = await jsonBody(context.req.raw, changedKeyBody);
  const { id } = await namedKey(context);
  await changeKey(context.env.DB, id, namedChanges(body));
  return answerChanged(context);
}

/** `DELETE /api/v1/keys/:id`: the key stays, as revoked. */
async function answerRevocation(context: Context<AppEnv>): Promise<Response> {
  const { id } = await namedKey(context);
  await revokeKey(context.env.DB, id, Date.now());
  return answerChanged(context);
}

/** `POST /api/v1/keys/:id/rotate` */
async function rotateKey(context: Context<AppEnv>): Promise<Response> {
  const { overlap_s: overlapS = DEFAULT_OVERLAP_S } = await jsonBody(
    context.req.raw,
    rotateBody,
  );
  const old = await namedKey(context);
  const nowMs = Date.now();
  const made = makeKey((bytes) => crypto.getRandomValues(bytes));
  const key: AccessKey = {
    ...old,
    id: made.id,
    hash: await keyDigest(made.text),
    createdMs: nowMs,
  };
  const replaced = keyState(old, nowMs) === "active" &&
    await replaceKey(context.env.DB, key, {
      previous: old.id,
      untilMs: nowMs + overlapS * 1000,
    });
  if (!replaced) {
    const state = keyState(await namedKey(context), nowMs);
    if (state === "active") throw noRoom(old.tenant);
    throw new HttpProblem(
      409,
      `Cannot rotate the key "${old.id}": it is ${state}; make a new one`,
    );
  }
  isolateKeys.keys.forget(old.id);
  return answerNew(key, made.text);
}

function answerNew(key: AccessKey, text: string): Response {
  const answer = { key: text, ...keyAnswer(key, key.createdMs) };
  return Response.json(answer, {
    status: 201,
    headers: {
      "cache-control": "no-store",
      location: `${KEYS}/${key.id}`,
    },
  });
}

async function answerChanged(context: Context<AppEnv>): Promise<Response> {
  const key = await namedKey(context);
  // What this isolate remembers is out of date; others follow in seconds.
  isolateKeys.keys.forget(key.id);
  for (const origin of key.limits.origins ?? []) {
    isolateKeys.origins.forget(origin);
  }
  return answerJson(keyAnswer(key, Date.now()));
}

async function namedKey(context: Context<AppEnv>): Promise<AccessKey> {
  const id = context.req.param("id") ?? "";
  const { operator, tenant } = context.get("caller");
  const key = isKeyId(id) ? await readKey(context.env.DB, id) : null;
  if (key === null || !operator && key.tenant !== tenant) {
    throw new HttpProblem(404, `Cannot find a key with the id "${id}"`);
  }
  return key;
}

function askedTenant(
  context: Context<AppEnv>,
  asked: string | undefined,
): string {
  const { operator, tenant } = context.get("caller");
  if (asked === undefined || asked === tenant) return tenant;
  if (operator) return asked;
  throw new HttpProblem(
    403,
    `The key is of the tenant "${tenant}" and may manage no other: leave ` +
      "tenant out",
  );
}

function noRoom(tenant: string): HttpProblem {
  return new HttpProblem(
    409,
    `The tenant "${tenant}" has ${MAX_KEYS_PER_TENANT} keys in use, which is ` +
      "the most: revoke one",
  );
}
