import {
  createExecutionContext,
  evictAllDurableObjects,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import { createApp } from "../../src/app.ts";
import { deliverSpans } from "../../src/ingest/deliver.ts";
import { exportRequest } from "../../src/local/otlp_json.ts";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import { forwardSpans } from "../../src/outbox/forward.ts";
import { outboxOf } from "../../src/outbox/outbox_stub.ts";
import { COMPLETE_WITHIN_MS } from "../truth/settle.ts";
import { shopTraffic } from "../truth/shop_traffic.ts";
import { wholeDifferences } from "../truth/whole_differences.ts";

const SERVICE = "http://localhost:4318";
const TEMPO = "http://tempo.example:4318";
const OUTBOX = { tenant: "default", target: "tempo" };

const app = createApp({ deliver: deliverSpans, forward: forwardSpans });
const received: string[] = [];
let tempoStatus = 200;

/** What goes to the service goes to the app; Tempo answers as it is told. */
async function route(
  input: RequestInfo | URL,
  init?: RequestInit,
): Promise<Response> {
  const request = new Request(input, init);
  if (request.url.startsWith(TEMPO)) {
    const body = await request.text();
    if (tempoStatus === 200) received.push(body);
    return new Response(null, { status: tempoStatus });
  }
  const bindings = { ...env, TRACECORE_OPEN: "true", TEMPO_URL: TEMPO };
  return app.request(request, undefined, bindings, createExecutionContext());
}

afterEach(() => {
  vi.restoreAllMocks();
});

test(
  "the service finds the whole map, and loses no request to Tempo, though every object is evicted between any two requests",
  async () => {
    vi.spyOn(globalThis, "fetch").mockImplementation(route);
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const random = new SeededRandom(3);
    const traffic = shopTraffic(random, { nowMs: Date.now(), spans: 600 });
    const bodies = [...Map.groupBy(traffic.spans, ({ service }) => service)]
      .flatMap(([service, spans]) =>
        [spans.slice(0, 20), spans.slice(20)]
          .filter(({ length }) => length > 0)
          .map((part) => JSON.stringify(exportRequest(service, part)))
      );
    for (const [at, body] of random.shuffled(bodies).entries()) {
      tempoStatus = at % 3 === 0 ? 503 : 200;
      const answer = await fetch(`${SERVICE}/v1/traces`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      });
      expect(answer.status).toBe(200);
      await evictAllDurableObjects();
    }
    expect(
      await wholeDifferences(traffic, {
        url: SERVICE,
        untilMs: Date.now() + COMPLETE_WITHIN_MS,
      }),
    ).toEqual([]);
    // Each went to Tempo at once, or is on the disk of its outbox.
    const stored = await outboxOf(env, OUTBOX).status();
    expect(stored?.items).toBeGreaterThan(0);
    expect(new Set(received).size + (stored?.items ?? 0)).toBe(bodies.length);
  },
  90_000,
);
