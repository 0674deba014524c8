import { createApp } from "../../src/app.ts";
import {
  cutByShard,
  MAX_MESSAGES_AT_ONCE,
  resourceFacts,
} from "../../src/ingest/cut_by_shard.ts";
import { sendSomeAtOnce } from "../../src/ingest/send_some_at_once.ts";
import { sentSpans } from "../../src/ingest/sent_spans.ts";
import { DEFAULT_TRACE_SHARDS } from "../../src/settings.ts";

/** How long the spans of a request are under way to their shards, ms. */
const UNDER_WAY_MS = 200;

/** V8's own, with `--expose-gc`. */
declare const gc: () => void;

// A request holds the most while its spans are under way: V8's trace is to
// show each of these moments.
const app = createApp({
  async deliver(delivery) {
    const { batch } = delivery;
    const messages = cutByShard(batch, {
      shards: DEFAULT_TRACE_SHARDS,
      resources: resourceFacts(batch),
      sent: sentSpans(delivery),
      notKept: () => undefined,
    });
    let begun = 0;
    await sendSomeAtOnce(messages, {
      atOnce: MAX_MESSAGES_AT_ONCE,
      send: async ({ message }) => {
        // When as many as may be are under way.
        if (++begun === MAX_MESSAGES_AT_ONCE) gc();
        await scheduler.wait(UNDER_WAY_MS);
        // Until here the message is in use.
        if (message.length === 0) throw new Error("It is empty");
      },
    });
    if (begun < MAX_MESSAGES_AT_ONCE) gc();
  },
  forward: () => Promise.resolve({ ok: true }),
});

/**
 * The Worker that takes spans, without the objects that it hands them to.
 * `POST /collect` collects its garbage.
 */
export default {
  fetch(request: Request, env: never, context: ExecutionContext) {
    if (new URL(request.url).pathname !== "/collect") {
      return app.fetch(request, env, context);
    }
    gc();
    return new Response(null, { status: 204 });
  },
};
