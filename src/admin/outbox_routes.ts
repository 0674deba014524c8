import { type Context, Hono } from "hono";
import * as z from "zod/mini";
import type { AppEnv } from "../http/app_env.ts";
import { authenticated } from "../http/authenticated.ts";
import { readToTheEnd } from "../http/read_to_the_end.ts";
import { HttpProblem } from "../http/http_problem.ts";
import { MAX_DEAD_LETTERS } from "../outbox/outbox_limits.ts";
import { targetNames } from "../outbox/target_names.ts";
import { outboxOf } from "../outbox/outbox_stub.ts";
import type { ReceivedRequest } from "../outbox/received_request.ts";
import { TARGET_NAME } from "../outbox/target_settings.ts";
import { answerJson } from "../query/answer_json.ts";
import { readOrRefuse } from "../query/asked.ts";
import { refuseMethod, refuseOtherOrigins } from "./admin_requests.ts";
import { jsonBody } from "./json_body.ts";
import { loadOutbox } from "../query/load_outbox.ts";
import { deadLettersAnswer } from "../query/outbox_answer.ts";

/** Dead letters of a page, where `limit` says nothing. */
export const DEFAULT_PAGE = 50;
/** The most that `limit` can be. */
export const MAX_PAGE = 200;

const BASE = "/api/v1/outbox";
const LETTERS = `${BASE}/:target/dead-letters`;
const ID = /^[1-9]\d{0,14}$/;

const noParameters = z.object({});
const pageParameters = z.object({
  limit: z.optional(wholeParameter(MAX_PAGE)),
  cursor: z.optional(
    z.string().check(z.regex(ID, "must be a next_cursor that was answered")),
  ),
});
const replayBody = z.union([
  z.strictObject({
    ids: z.array(z.int().check(z.minimum(1))).check(
      z.minLength(1),
      z.maxLength(MAX_DEAD_LETTERS),
    ),
  }),
  z.strictObject({ all: z.literal(true) }),
], `must be {"ids": […]} with 1 to ${MAX_DEAD_LETTERS} ids, or {"all": true}`);

function wholeParameter(most: number) {
  return z.pipe(
    z.string().check(
      z.refine(
        (text: string) => ID.test(text) && Number(text) <= most,
        `must be a whole number from 1 to ${most}`,
      ),
    ),
    z.transform(Number),
  );
}

/** What waits for the targets, and what they will never take; for admins. */
export function outboxRoutes(): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.use(`${BASE}/*`, readToTheEnd, refuseOtherOrigins);
  const admin = authenticated("admin");
  routes.get(BASE, admin, answerList);
  routes.all(BASE, refuseMethod("GET, HEAD"));
  routes.get(`${BASE}/:target`, admin, answerOne);
  routes.all(`${BASE}/:target`, refuseMethod("GET, HEAD"));
  routes.get(LETTERS, admin, answerDeadLetters);
  routes.all(LETTERS, refuseMethod("GET, HEAD"));
  routes.post(`${LETTERS}/replay`, admin, replay);
  routes.all(`${LETTERS}/replay`, refuseMethod("POST"));
  routes.get(`${LETTERS}/:id`, admin, answerBody);
  routes.delete(`${LETTERS}/:id`, admin, deleteOne);
  routes.all(`${LETTERS}/:id`, refuseMethod("GET, HEAD, DELETE"));
  return routes;
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
      `Cannot find the target "${target}": see GET ${BASE} for a list`,
    );
  }
  return { target, outbox: outboxOf(context.env, { tenant, target }) };
}

function isConfigured(context: Context<AppEnv>, target: string): boolean {
  return targetNames(context.get("settings")).includes(target);
}

function idAsked(context: Context<AppEnv>): number {
  const id = context.req.param("id") ?? "";
  if (!ID.test(id)) throw unknownLetter(id);
  return Number(id);
}

function unknownLetter(id: number | string): HttpProblem {
  return new HttpProblem(
    404,
    `Cannot find the dead letter "${id}": see the list that it was in`,
  );
}
