import { type Context, Hono, type Next } from "hono";
import { authorize } from "../access/authorize.ts";
import { keyAllowsOrigin, originMayPost } from "../access/origin_access.ts";
import {
  admitRequest,
  admitSpans,
  type RateRefusal,
} from "../access/rate_limits.ts";
import type { AppEnv } from "../http/app_env.ts";
import { refusalHeaders } from "../http/authenticated.ts";
import { RETRY_AFTER_S } from "../http/json_error.ts";
import { logFault } from "../http/log.ts";
import type { ReadResult } from "../otlp/read_result.ts";
import type { SpanBatch } from "../otlp/span_batch.ts";
import { readTracesJson } from "../otlp/traces_json.ts";
import { readTracesProtobuf } from "../otlp/traces_protobuf.ts";
import { readSettings, type Settings, SettingsError } from "../settings.ts";
import { count } from "../telemetry/counters.ts";
import { readBody } from "./body.ts";
import { answerEncoding, type Encoding, readContent } from "./content.ts";
import { corsHeaders, preflightHeaders } from "./cors.ts";
import type { DeliverContext } from "./deliver.ts";
import { drain } from "./drain.ts";
import type { ReceivedRequest } from "./forward.ts";
import {
  exportResponse,
  otlpError,
  type OtlpErrorStatus,
} from "./otlp_answer.ts";
import type { TempoTarget } from "./tempo_target.ts";

const TRACES_PATH = "/v1/traces";
const RETRY = { "retry-after": String(RETRY_AFTER_S) };

/** Where the ingest routes hand accepted spans to. */
export interface IngestTargets {
  /** Makes the spans durable; rejects where a later try may succeed. */
  readonly deliver: (
    batch: SpanBatch,
    context: DeliverContext,
  ) => Promise<void>;
  /** Sends the request on as it came; never rejects. */
  readonly forward: (
    request: ReceivedRequest,
    target: TempoTarget,
  ) => Promise<void>;
}

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

async function readToTheEnd(
  context: Context<AppEnv>,
  next: Next,
): Promise<void> {
  await next();
  await drain(context.req.raw.body);
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
    });
  const cors = corsHeaders(origin, mayPost.ok && mayPost.value);
  if (!mayPost.ok) {
    logFault("origin_lookup_failed", mayPost.fault);
    const reason = "Cannot look the origin up now: send the request again " +
      "after the time in Retry-After";
    return refuse(request, 503, reason, { ...cors, ...RETRY });
  }
  if (!mayPost.value) return refuseOrigin(request, cors);
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
  const access = await authorize(request, {
    scope: "ingest",
    settings,
    bindings: context.env,
    nowMs: Date.now(),
  });
  if (!access.ok) {
    const headers = refusalHeaders(access.status);
    return refuse(request, access.status, access.reason, headers);
  }
  const { caller } = access;
  const origin = request.headers.get("origin");
  if (!keyAllowsOrigin(origin, { caller, settings })) {
    return refuseOrigin(request);
  }
  const wait = await admitRequest(caller, {
    bindings: context.env,
    nowMs: Date.now(),
  });
  if (wait !== null) return refuseRate(request, wait);
  const type = readContent(request.headers);
  if (!type.ok) return refuse(request, 415, type.reason, type.headers);
  const body = await readBody(request, type.content, {
    maxBodyBytes: Math.min(
      settings.maxBodyBytes,
      caller.limits.bodyBytes ?? settings.maxBodyBytes,
    ),
    maxInflatedBytes: settings.maxInflatedBytes,
  });
  if (!body.ok) return refuse(request, body.status, body.reason);
  const { encoding } = type.content;
  const read = readSpans(body.bytes, encoding, settings);
  if (!read.ok) return refuse(request, 400, read.reason);
  const { batch } = read;
  const spans = batch.spans.length;
  const waitForSpans = admitSpans(caller, { spans, nowMs: Date.now() });
  if (waitForSpans !== null) return refuseRate(request, waitForSpans);
  if (batch.spans.length > 0) {
    if (settings.tempo !== null) {
      const received = asReceived(request, body.received);
      context.executionCtx.waitUntil(targets.forward(received, settings.tempo));
    }
    try {
      await targets.deliver(batch, {
        bindings: context.env,
        settings,
        caller,
      });
    } catch (error) {
      logFault("delivery_failed", error, { spans: batch.spans.length });
      const reason = "Storage did not take the spans: send the request again " +
        "after the time in Retry-After";
      return refuse(request, 503, reason, RETRY);
    }
  }
  return exportResponse(encoding, batch.rejected, batch.rejection);
}

function readSpans(
  bytes: Uint8Array,
  encoding: Encoding,
  settings: Settings,
): ReadResult {
  const options = {
    samplingAttribute: settings.samplingAttribute ?? undefined,
  };
  return encoding === "json"
    ? readTracesJson(bytes, options)
    : readTracesProtobuf(bytes, options);
}

function asReceived(
  request: Request,
  body: Uint8Array<ArrayBuffer>,
): ReceivedRequest {
  return {
    body,
    contentType: request.headers.get("content-type") ?? "",
    contentEncoding: request.headers.get("content-encoding"),
  };
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
    method: request.method,
    pathname: context.req.path,
  });
  return error instanceof SettingsError
    ? refuse(request, 503, error.message, RETRY)
    : refuse(request, 500, "The request failed inside TraceCore: see its log");
}

function refuseOrigin(
  request: Request,
  headers: Readonly<Record<string, string>> = {},
): Response {
  count("", "refused_requests", { reason: "origin" });
  const origin = request.headers.get("origin") ?? "";
  const reason = `The origin "${origin}" may not post here: add it to ` +
    "ALLOWED_ORIGINS, or to the origins of the key";
  return refuse(request, 403, reason, headers);
}

function refuseRate(request: Request, wait: RateRefusal): Response {
  const headers = { "retry-after": String(wait.retryAfterS) };
  return refuse(request, 429, wait.reason, headers);
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
