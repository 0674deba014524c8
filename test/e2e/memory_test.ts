import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { RETRY_AFTER_S } from "../../src/http/json_error.ts";
import { PROJECT_ROOT } from "../../src/local/project_root.ts";
import {
  DEFAULT_MAX_BODY_BYTES,
  DEFAULT_MAX_INFLATED_BYTES,
} from "../../src/settings.ts";
import { LIVE_MEMORY_FLAGS, LiveMemory } from "../harness/live_memory.ts";
import { startWorkerd, type Workerd } from "../harness/workerd_process.ts";
import { exportJson, exportProtobuf } from "../ingest/export_request.ts";

/** What the platform gives an isolate: 128 MB. */
const ISOLATE_BYTES = 128_000_000;
const AT_ONCE = 64;
const BOMB_BYTES = 200 * 1024 * 1024;
/** How often garbage is collected beside what V8 does of its own, ms. */
const COLLECT_MS = 50;

const JSON_TYPE = { "content-type": "application/json" };
const PROTOBUF = { "content-type": "application/x-protobuf" };
const TRY_AGAIN = { status: 503, retryAfter: String(RETRY_AFTER_S) };

const WORKER = join(PROJECT_ROOT, "test/harness/ingest_worker.ts");

interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
}

// Most of their time is waiting for room, so they may wait together. All are
// made before the first is sent.
test.concurrent.for(
  [
    ["JSON that inflates to the most", 200, inflatingJson(0)],
    [
      "JSON that inflates to the most, with spans to cut out",
      200,
      inflatingJson(90),
    ],
    ["protobuf that inflates to the most", 200, inflatingProtobuf()],
    ["plain protobuf of the most bytes", 200, plainProtobuf()],
    ["bombs", 413, bomb()],
  ] as const,
)(
  `POST /v1/traces of ${AT_ONCE} requests at once never has more than 128 MB in use: %s`,
  async ([, status, sent]) => {
    const memory = new LiveMemory();
    const workerd = await startWorkerd({
      entry: WORKER,
      variables: { TRACECORE_OPEN: "true", LOG_REQUESTS: "none" },
      v8Flags: LIVE_MEMORY_FLAGS,
      print: (text) => memory.read(text),
    });
    try {
      const collecting = new Collecting(workerd);
      const answers = await Promise.all(
        Array.from({ length: AT_ONCE }, () => post(workerd, sent)),
      );
      await collecting.stop();
      const taken = answers.filter((answer) => answer.status === status);
      const others = answers.filter((answer) => answer.status !== status);
      expect(taken.length).toBeGreaterThan(0);
      expect(others).toEqual(others.map(() => TRY_AGAIN));
      const small = { headers: JSON_TYPE, body: bytesOf(exportJson(1)) };
      expect((await post(workerd, small)).status).toBe(200);
      expect(memory.collections).toBeGreaterThan(collecting.asked);
      expect(memory.peakBytes).toBeLessThan(ISOLATE_BYTES);
    } finally {
      await workerd.stop();
    }
  },
);

function inflatingJson(broken: number): Sent {
  const json = fitting(
    (spans) => bytesOf(exportJson(spans, broken)),
    DEFAULT_MAX_INFLATED_BYTES,
  );
  return gzipped(JSON_TYPE, json);
}

function inflatingProtobuf(): Sent {
  return gzipped(
    PROTOBUF,
    fitting(exportProtobuf, DEFAULT_MAX_INFLATED_BYTES),
  );
}

function plainProtobuf(): Sent {
  const body = fitting(exportProtobuf, DEFAULT_MAX_BODY_BYTES);
  return { headers: PROTOBUF, body };
}

function bomb(): Sent {
  return gzipped(JSON_TYPE, new Uint8Array(BOMB_BYTES));
}

function gzipped(headers: Sent["headers"], bytes: Uint8Array): Sent {
  return {
    headers: { ...headers, "content-encoding": "gzip" },
    body: new Uint8Array(gzipSync(bytes)),
  };
}

/** The request of most spans that has `limit` bytes at the most. */
function fitting(
  make: (spans: number) => Uint8Array<ArrayBuffer>,
  limit: number,
): Uint8Array<ArrayBuffer> {
  const one = make(1).length;
  const each = (make(1001).length - one) / 1000;
  return make(Math.floor((limit - 2 * one) / each));
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

async function post(
  { url }: Workerd,
  { headers, body }: Sent,
): Promise<Answer> {
  const request = { method: "POST", headers, body };
  const response = await fetch(`${url}/v1/traces`, request);
  await response.arrayBuffer();
  return {
    status: response.status,
    retryAfter: response.headers.get("retry-after"),
  };
}

/** Has garbage collected again and again, beside what V8 does of its own. */
class Collecting {
  /** Collections that were asked for. */
  asked = 0;
  #isOver = false;
  readonly #running: Promise<void>;

  constructor(workerd: Workerd) {
    this.#running = this.#run(workerd);
  }

  async #run({ url }: Workerd): Promise<void> {
    while (!this.#isOver) {
      await fetch(`${url}/collect`, { method: "POST" });
      this.asked++;
      await delay(COLLECT_MS);
    }
  }

  stop(): Promise<void> {
    this.#isOver = true;
    return this.#running;
  }
}
