import { OPERATOR } from "../access/caller.ts";
import type { Bindings } from "../bindings.ts";
import { logFault } from "../http/log.ts";
import type { IngestTargets } from "../ingest/take_request.ts";
import { readTracesJson } from "../otlp/traces_json.ts";
import { VERSION } from "../query/version.ts";
import type { Settings } from "../settings.ts";
import { count } from "./counters.ts";
import { selfExport } from "./self_export.ts";
import type { SelfSpanBook } from "./self_span_book.ts";

/** Where own spans go to. */
export interface SelfSpanTargets {
  readonly targets: IngestTargets;
  readonly bindings: Bindings;
  readonly settings: Settings;
}

/**
 * Sends TraceCore's own spans where received ones go, for the operator's tenant,
 * since they speak of the deployment. No request is made for it, so none is
 * traced or counted, and there is no loop. It never rejects: spans that storage
 * does not take are dropped, counted and told in the log.
 */
export async function flushSelfSpans(
  book: SelfSpanBook,
  { targets, bindings, settings }: SelfSpanTargets,
): Promise<void> {
  const spans = book.drain();
  if (spans.length === 0) return;
  const body = selfExport(spans, VERSION);
  try {
    const read = readTracesJson(body);
    if (!read.ok) throw new TypeError(read.reason);
    const context = { bindings, settings, caller: OPERATOR };
    const [, forwarded] = await Promise.all([
      targets.deliver({ batch: read.batch, body, encoding: "json" }, context),
      targets.forward({
        body,
        contentType: "application/json",
        contentEncoding: null,
      }, context),
    ]);
    if (!forwarded.ok) throw new Error(forwarded.reason);
  } catch (error) {
    const amount = spans.length;
    count("", "dropped_self_spans", { amount, reason: "delivery" });
    logFault("self_spans_not_delivered", error, { spans: amount });
  }
}
