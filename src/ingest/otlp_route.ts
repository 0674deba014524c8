import { type Context, Hono, type Next } from "hono";
import { authorize } from "../access/authorize.ts";
import { senderNetwork, TooManyGuessesError } from "../access/guess_brake.ts";
import { keyAllowsOrigin, originMayPost } from "../access/origin_access.ts";
import { admitRequest } from "../access/rate_limits.ts";
import type { AppEnv } from "../http/app_env.ts";
import { refusalHeaders } from "../http/authenticated.ts";
import { RETRY_AFTER_S } from "../http/json_error.ts";
import { logFault } from "../http/log.ts";
import { readToTheEnd } from "../http/read_to_the_end.ts";
import { recordOf } from "../http/request_record.ts";
import { readSettings, SettingsError } from "../settings.ts";
import { answerEncoding } from "./content.ts";
import { corsHeaders, preflightHeaders } from "./cors.ts";
import {
  exportResponse,
  otlpError,
  type OtlpErrorStatus,
} from "./otlp_answer.ts";
import { type IngestTargets, takeRequest } from "./take_request.ts";

const TRACES_PATH = "/v1/traces";
const RETRY = { "retry-after": String(RETRY_AFTER_S) };

/**
 * OTLP/HTTP, server side: takes `POST /v1/traces`, and says of every other path
 * below `/v1/` that it is not taken. Errors are a `google.rpc.Status` encoded as
 * the request was; an answer carries CORS headers whatever it says.
 *
 * Source: the OTLP specification 1.11, "OTLP/HTTP".
 */
export function otlpRoutes(targets: IngestTargets): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.use("/v1/*", readToTheEnd, checkOrigin);
  routes.all(TRACES_PATH, (context) => takeTraces(context, targets));
  routes.all("/v1/*", refuseSignal);
  routes.onError(answerFault);
  return routes;
}

async function checkOrigin(
  context: Context<AppEnv>,
  next: Next,
): Promise<Response | undefined> {
  const settings = readSettings(context.env);
  context.set("settings", settings);
  const request = context.req.raw;
  const origin = request.headers.get("origin");
  const mayPost = origin === null
    ? { ok: true, value: true } as const
    : await originMayPost(origin, {
      settings,
      bindings: context.env,
      nowMs: Date.now(),
      network: senderNetwork(request.headers),
    });
  const cors = corsHeaders(origin, mayPost.ok && mayPost.value);
  if (!mayPost.ok) {
    noteOriginFault(context, mayPost.fault);
    const reason = "Cannot look the origin up now: send the request again " +
      "after the time in Retry-After";
    return refuse(request, 503, reason, { ...cors, ...RETRY });
  }
  if (!mayPost.value) return refuseOrigin(context, cors);
  if (request.method === "OPTIONS") {
    const headers = { ...cors, ...preflightHeaders() };
    return new Response(null, { status: 204, headers });
  }
  await next();
  for (const [name, value] of Object.entries(cors)) {
    context.res.headers.set(name, value);
  }
  return undefined;
}

function noteOriginFault(context: Context<AppEnv>, fault: unknown): void {
  const record = recordOf(context);
  // Of guesses there may be many, and none is a fault of ours.
  if (fault instanceof TooManyGuessesError) record.note({ refusal: "guesses" });
  else logFault("origin_lookup_failed", fault, { request_id: record.id });
}

async function takeTraces(
  context: Context<AppEnv>,
  targets: IngestTargets,
): Promise<Response> {
  const request = context.req.raw;
  const settings = context.get("settings");
  if (request.method !== "POST") {
    const reason = `Cannot ${request.method} ${TRACES_PATH}: POST spans to it`;
    return refuse(request, 405, reason, { allow: "POST, OPTIONS" });
  }
  const bindings = context.env;
  const nowMs = Date.now();
  const access = await authorize(request, {
    scope: "ingest",
    settings,
    bindings,
    nowMs,
  });
  if (!access.ok) {
    recordOf(context).note({ refusal: access.word });
    const headers = refusalHeaders(access.status);
    return refuse(request, access.status, access.reason, headers);
  }
  const { caller } = access;
  context.set("caller", caller);
  const origin = request.headers.get("origin");
  if (!keyAllowsOrigin(origin, { caller, settings })) {
    return refuseOrigin(context);
  }
  const wait = await admitRequest(caller, { bindings, nowMs });
  if (wait !== null) {
    recordOf(context).note({ refusal: wait.word });
    const headers = { "retry-after": String(wait.retryAfterS) };
    return refuse(request, 429, wait.reason, headers);
  }
  const taking = takeRequest(request, {
    bindings,
    settings,
    caller,
    targets,
    record: recordOf(context),
  });
  // Goes on where the client leaves: what it leased has to be given back.
  context.executionCtx.waitUntil(taking.catch(() => undefined));
  const taken = await taking;
  if (taken.ok) {
    return exportResponse(taken.encoding, taken.rejected, taken.rejection);
  }
  const { status, reason, headers, word } = taken;
  if (word !== undefined) recordOf(context).note({ refusal: word });
  return refuse(request, status, reason, headers);
}

function refuseSignal(context: Context<AppEnv>): Response {
  const reason = `Cannot take "${context.req.path}": only traces are taken, ` +
    `at ${TRACES_PATH}; switch the exporters of other signals off ` +
    "(OTEL_METRICS_EXPORTER=none, OTEL_LOGS_EXPORTER=none)";
  return refuse(context.req.raw, 404, reason);
}

function answerFault(error: unknown, context: Context<AppEnv>): Response {
  const request = context.req.raw;
  logFault("request_failed", error, {
    request_id: recordOf(context).id,
    method: request.method,
    pathname: context.req.path,
  });
  return error instanceof SettingsError
    ? refuse(request, 503, error.message, RETRY)
    : refuse(request, 500, "The request failed inside TraceCore: see its log");
}

function refuseOrigin(
  context: Context<AppEnv>,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const request = context.req.raw;
  recordOf(context).note({ refusal: "origin" });
  const origin = request.headers.get("origin") ?? "";
  const reason = `The origin "${origin}" may not post here: add it to ` +
    "ALLOWED_ORIGINS, or to the origins of the key";
  return refuse(request, 403, reason, headers);
}

function refuse(
  request: Request,
  status: OtlpErrorStatus,
  reason: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const encoding = answerEncoding(request.headers);
  const response = otlpError(encoding, status, reason);
  for (const [name, value] of Object.entries(headers)) {
    response.headers.set(name, value);
  }
  return response;
}
