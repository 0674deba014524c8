import type { Context, MiddlewareHandler } from "hono";
import { randomHex } from "../codec/random_hex.ts";
import type { AppEnv } from "../http/app_env.ts";
import { REQUEST_ID_HEADER } from "../http/request_id.ts";
import { RequestLog } from "../http/request_log.ts";
import { recordOf } from "../http/request_record.ts";
import { type ServedRequest, servedRequest } from "../http/served_request.ts";
import type { IngestTargets } from "../ingest/take_request.ts";
import { readSettings, type Settings, SettingsError } from "../settings.ts";
import { flushMappings } from "../resources/flush_mappings.ts";
import { mappingBook } from "../resources/mapping_book.ts";
import { countRequest } from "./count_request.ts";
import { counterBook } from "./counters.ts";
import { flushCounters } from "./flush_counters.ts";
import { FlushSchedule } from "./flush_schedule.ts";
import { flushSelfSpans } from "./flush_self_spans.ts";
import { selfSpans } from "./self_span.ts";
import { selfSpanBook } from "./self_span_book.ts";
import { readTraceParent } from "./trace_parent.ts";

/** What an observer needs of the platform. */
export interface ObserveOptions {
  /** Settles after that many ms. @default the platform's */
  readonly wait?: (ms: number) => Promise<void>;
}

// Of this isolate, as the books are.
const schedule = new FlushSchedule();
const log = new RequestLog();

/**
 * Stands before all routes: gives each request an id and its answer the same,
 * counts it, logs it, and traces it where it is sampled. What an isolate
 * gathered is sent after answers, in `waitUntil`, through `targets`.
 */
export function observeRequests(
  targets: IngestTargets,
  { wait = (ms) => scheduler.wait(ms) }: ObserveOptions = {},
): MiddlewareHandler<AppEnv> {
  return async function observe(context, next) {
    const record = recordOf(context);
    const settings = settingsOrNull(context);
    const flush = flusher(context, { targets, settings });
    context.set("flush", flush);
    await next();
    context.header(REQUEST_ID_HEADER, record.id);
    const served = servedRequest(context);
    countRequest(served);
    log.write(served, settings?.logRequests ?? "failed");
    if (settings !== null) trace(served, context, settings.selfTraces);
    const clock = { nowMs: () => Date.now(), wait };
    context.executionCtx.waitUntil(schedule.run(flush, clock));
  };
}

function flusher(
  { env: bindings }: Context<AppEnv>,
  { targets, settings }: {
    readonly targets: IngestTargets;
    readonly settings: Settings | null;
  },
): () => Promise<void> {
  return async function flush() {
    await Promise.all([
      flushCounters(counterBook, bindings),
      flushMappings(mappingBook, bindings, { nowMs: Date.now() }),
      settings === null
        ? null
        : flushSelfSpans(selfSpanBook, { targets, bindings, settings }),
    ]);
  };
}

function trace(
  served: ServedRequest,
  context: Context<AppEnv>,
  ratio: number,
): void {
  if (ratio === 0 || Math.random() >= ratio) return;
  const parent = readTraceParent(context.req.header("traceparent") ?? null);
  selfSpanBook.add(selfSpans(served, { parent, randomHex }));
}

/** null where they are wrong: then every route says so, and is still seen. */
function settingsOrNull(context: Context<AppEnv>): Settings | null {
  try {
    return readSettings(context.env);
  } catch (error) {
    if (error instanceof SettingsError) return null;
    throw error;
  }
}
