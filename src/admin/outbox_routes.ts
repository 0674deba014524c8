import type { Context, Hono } from "hono";
import { operationRoutes } from "../api/operation_routes.ts";
import type { AppEnv } from "../http/app_env.ts";
import { HttpProblem } from "../http/http_problem.ts";
import { targetNames } from "../outbox/target_names.ts";
import { outboxOf } from "../outbox/outbox_stub.ts";
import type { ReceivedRequest } from "../outbox/received_request.ts";
import { TARGET_NAME } from "../outbox/target_settings.ts";
import { answerJson } from "../query/answer_json.ts";
import { readOrRefuse } from "../query/asked.ts";
import { noParameters } from "../query/parameters.ts";
import { jsonBody } from "./json_body.ts";
import { outboxOperations } from "./outbox_operations.ts";
import {
  DEAD_LETTER_ID,
  DEFAULT_PAGE,
  pageParameters,
  replayBody,
} from "./outbox_parameters.ts";
import { loadOutbox } from "../query/load_outbox.ts";
import { deadLettersAnswer } from "../query/outbox_answer.ts";

/** What waits for the targets, and what they will never take; for admins. */
export function outboxRoutes(): Hono<AppEnv> {
  return operationRoutes(outboxOperations, {
    "GET /api/v1/outbox": answerList,
    "GET /api/v1/outbox/{target}": answerOne,
    "GET /api/v1/outbox/{target}/dead-letters": answerDeadLetters,
    "POST /api/v1/outbox/{target}/dead-letters/replay": replay,
    "GET /api/v1/outbox/{target}/dead-letters/{id}": answerBody,
    "DELETE /api/v1/outbox/{target}/dead-letters/{id}": deleteOne,
  });
}

async function answerList(context: Context<AppEnv>): Promise<Response> {
  readOrRefuse(context, noParameters);
  const asked = targetNames(context.get("settings"))
    .map((name) => loadOutbox(context, name));
  return answerJson({ targets: await Promise.all(asked) });
}

async function answerOne(context: Context<AppEnv>): Promise<Response> {
  readOrRefuse(context, noParameters);
  const { target } = await outboxAsked(context);
  return answerJson(await loadOutbox(context, target));
}

async function answerDeadLetters(context: Context<AppEnv>): Promise<Response> {
  const { limit = DEFAULT_PAGE, cursor } = readOrRefuse(
    context,
    pageParameters,
  );
  const { outbox } = await outboxAsked(context);
  const letters = await outbox.deadLetters(Number(cursor ?? 0), limit + 1);
  return answerJson(deadLettersAnswer(letters, limit));
}

async function answerBody(context: Context<AppEnv>): Promise<Response> {
  readOrRefuse(context, noParameters);
  const id = idAsked(context);
  const { outbox } = await outboxAsked(context);
  const request: ReceivedRequest | null = await outbox.deadLetter(id);
  if (request === null) throw unknownLetter(id);
  const { contentType, contentEncoding } = request;
  const kind = contentType.includes("json") ? "json" : "pb";
  const coding = contentEncoding?.includes("gzip") === true ? ".gz" : "";
  return new Response(request.body, {
    headers: {
      "content-type": "application/octet-stream",
      "content-disposition":
        `attachment; filename="dead-letter-${id}.${kind}${coding}"`,
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
      "x-original-content-type": contentType,
      ...(contentEncoding === null
        ? {}
        : { "x-original-content-encoding": contentEncoding }),
    },
  });
}

async function replay(context: Context<AppEnv>): Promise<Response> {
  readOrRefuse(context, noParameters);
  const asked = await jsonBody(context.req.raw, replayBody);
  const { outbox } = await outboxAsked(context);
  return answerJson(await outbox.replay("all" in asked ? "all" : asked.ids));
}

async function deleteOne(context: Context<AppEnv>): Promise<Response> {
  readOrRefuse(context, noParameters);
  const id = idAsked(context);
  const { outbox } = await outboxAsked(context);
  if (!await outbox.deleteDeadLetter(id)) throw unknownLetter(id);
  return new Response(null, { status: 204 });
}

/** A target that is configured, or was once and has something left. */
async function outboxAsked(context: Context<AppEnv>) {
  const target = context.req.param("target") ?? "";
  const { tenant } = context.get("caller");
  const known = TARGET_NAME.test(target) && (isConfigured(context, target) ||
    await outboxOf(context.env, { tenant, target }).status() !== null);
  if (!known) {
    throw new HttpProblem(
      404,
      `Cannot find the target "${target}": see GET /api/v1/outbox for a list`,
    );
  }
  return { target, outbox: outboxOf(context.env, { tenant, target }) };
}

function isConfigured(context: Context<AppEnv>, target: string): boolean {
  return targetNames(context.get("settings")).includes(target);
}

function idAsked(context: Context<AppEnv>): number {
  const id = context.req.param("id") ?? "";
  if (!DEAD_LETTER_ID.test(id)) throw unknownLetter(id);
  return Number(id);
}

function unknownLetter(id: number | string): HttpProblem {
  return new HttpProblem(
    404,
    `Cannot find the dead letter "${id}": see the list that it was in`,
  );
}
