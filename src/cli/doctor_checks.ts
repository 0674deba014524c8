import { setTimeout as delay } from "node:timers/promises";
import { ApiError } from "../client/api_error.ts";
import type { TracecoreClient } from "../client/client.ts";
import { durationText } from "../correlation/plain_words.ts";
import type { Connection } from "./connection.ts";
import { doctorSpan } from "./doctor_span.ts";

/** How far this clock may be from the service's, ms. */
export const MAX_CLOCK_SKEW_MS = 5000;
/** How long a span may take until it is found, ms. */
export const MAX_FIND_MS = 20_000;
/** How old what waits for a target may be, ns. */
const MAX_LAG_NS = 60e9;

const FIND_EVERY_MS = 100;
const NS_PER_MS = 1e6;

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  readonly state: "ok" | "failed" | "skipped";
  /** What was found. */
  readonly message: string;
  /** What to do; "" where nothing is to be done. */
  readonly advice: string;
}

/** What is looked at, and with what. */
export interface DoctorTools {
  readonly connection: Connection;
  /** With the key that reads. */
  readonly client: TracecoreClient;
  /** With the key that sends; it may be the same. */
  readonly sender: TracecoreClient;
  /** Now, ms since the epoch. */
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
}

/**
 * Looks at what can be wrong between here and the service, in the order in
 * which one thing needs the other: address, clock, key, spans in, spans out,
 * and how the service says it is doing.
 */
export async function doctorChecks(tools: DoctorTools): Promise<Check[]> {
  const address = addressCheck(tools.connection);
  const { checks, isThere } = await healthChecks(tools);
  if (!isThere) return [address, ...checks];
  const key = await keyChecks(tools);
  return [address, ...checks, ...key, await spanCheck(tools, key)];
}

function addressCheck({ url, urlFrom, key, keyFrom }: Connection): Check {
  const { protocol, hostname } = new URL(url);
  const isLocal = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
  const message = `${url} (from ${urlFrom}), ` +
    (key === null ? "without a key" : `with a key from ${keyFrom}`);
  return key !== null && protocol === "http:" && !isLocal
    ? failed("address", message, "Use https: the key can be read on its way.")
    : ok("address", message);
}

async function healthChecks(
  { client, connection, nowMs, signal }: DoctorTools,
): Promise<{ readonly checks: Check[]; readonly isThere: boolean }> {
  const beganMs = nowMs();
  try {
    const health = await client.call("GET /health", { signal });
    const tookMs = nowMs() - beganMs;
    const answers = ok(
      "service",
      `TraceCore ${health.version} answers in ${tookMs} ms`,
    );
    // The answer was made at some time between question and answer.
    const serviceMs = Date.parse(health.timestamp);
    const skewMs = Math.max(beganMs - serviceMs, serviceMs - nowMs(), 0);
    return { checks: [answers, clockCheck(skewMs)], isThere: true };
  } catch (error) {
    const advice = error instanceof ApiError && error.status === null
      ? `Is ${connection.url} the right address, and does it run?`
      : "All of its storage has to answer: look at its log.";
    return {
      checks: [failed("service", messageOf(error), advice)],
      isThere: false,
    };
  }
}

function clockCheck(skewMs: number): Check {
  return skewMs > MAX_CLOCK_SKEW_MS
    ? failed(
      "clock",
      `this clock is ${durationText(skewMs * NS_PER_MS)} off the service's`,
      "Set it by NTP: spans of this machine come at the wrong time.",
    )
    : ok("clock", "this clock and the service's agree");
}

/** Also what the service says of itself, which needs the key. */
async function keyChecks(
  { client, signal }: DoctorTools,
): Promise<Check[]> {
  try {
    const status = await client.call("GET /api/v1/status", { signal });
    const away = status.shards.filter(({ reachable }) => !reachable).length;
    const troubled = status.outbox.filter((one) =>
      !one.reachable || one.failures_in_a_row > 0 || one.lag > MAX_LAG_NS
    ).map(({ target }) => target);
    return [
      ok("key", "it may read"),
      away > 0
        ? failed(
          "storage",
          `${away} of ${status.shards.length} shards do not answer`,
          "Ask again in a minute, and look at the service's log.",
        )
        : ok("storage", `all of ${status.shards.length} shards answer`),
      troubled.length > 0
        ? failed(
          "targets",
          `spans do not get on to ${troubled.join(", ")}`,
          "See `tracecore status` for what the target says.",
        )
        : ok("targets", `${status.outbox.length} configured, nothing is late`),
    ];
  } catch (error) {
    if (error instanceof ApiError && isRefusal(error)) {
      const advice = error.status === 401
        ? "Give a key with --key, or set TRACECORE_KEY."
        : "Give a key of scope read or admin.";
      return [failed("key", error.message, advice)];
    }
    return [failed("status", messageOf(error), "Look at the service's log.")];
  }
}

/** Sends a trace of its own, and looks for it. */
async function spanCheck(
  { sender, client, nowMs, signal }: DoctorTools,
  before: readonly Check[],
): Promise<Check> {
  const { traceId, request } = doctorSpan(nowMs());
  const beganMs = nowMs();
  try {
    const { partialSuccess } = await sender.call("POST /v1/traces", {
      body: { resourceSpans: [...request.resourceSpans] },
      signal,
    });
    if (partialSuccess !== undefined) {
      return failed(
        "spans",
        partialSuccess.errorMessage,
        "See `tracecore services` for how many services there are.",
      );
    }
  } catch (error) {
    if (error instanceof ApiError && isRefusal(error)) {
      return {
        name: "spans",
        state: "skipped",
        message: `this key may not send spans: ${error.message}`,
        advice: "To try that, too, give --ingest-key.",
      };
    }
    return failed("spans", messageOf(error), "Look at the service's log.");
  }
  if (before.some(({ name, state }) => name === "key" && state === "failed")) {
    return ok("spans", "they are taken; whether they are found needs a key");
  }
  while (nowMs() - beganMs < MAX_FIND_MS) {
    if (await isFound(client, traceId, signal)) {
      const tookMs = nowMs() - beganMs;
      return ok("spans", `sent, and found again after ${tookMs} ms`);
    }
    await delay(FIND_EVERY_MS, undefined, { signal });
  }
  return failed(
    "spans",
    `trace ${traceId} was taken, and not found within ${MAX_FIND_MS / 1000} s`,
    "Does tail sampling leave it out, or is the key of another tenant?",
  );
}

async function isFound(
  client: TracecoreClient,
  traceId: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await client.call("GET /api/v1/traces/{trace_id}", {
      path: { trace_id: traceId },
      signal,
    });
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false;
    throw error;
  }
}

function isRefusal({ status }: ApiError): boolean {
  return status === 401 || status === 403;
}

function messageOf(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  throw error;
}

function ok(name: string, message: string): Check {
  return { name, state: "ok", message, advice: "" };
}

function failed(name: string, message: string, advice: string): Check {
  return { name, state: "failed", message, advice };
}
