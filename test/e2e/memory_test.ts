import { once } from "node:events";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { RETRY_AFTER_S } from "../../src/http/json_error.ts";
import { PROJECT_ROOT } from "../../src/local/project_root.ts";
import {
  bomb,
  type LargeRequest,
  linksInProtobuf,
  namesInJson,
  plainProtobuf,
  smallJson,
  surplusInJson,
  surplusInProtobuf,
} from "../harness/largest_requests.ts";
import { LIVE_MEMORY_FLAGS, LiveMemory } from "../harness/live_memory.ts";
import { startWorkerd, type Workerd } from "../harness/workerd_process.ts";

/** What the platform gives an isolate: 128 MB. */
const ISOLATE_BYTES = 128_000_000;
const AT_ONCE = 64;
/** How often garbage is collected beside what V8 does of its own, ms. */
const COLLECT_MS = 50;
const WORKER = join(PROJECT_ROOT, "test/harness/ingest_worker.ts");
const TRY_AGAIN = { status: 503, retryAfter: String(RETRY_AFTER_S) };

// One after the other: what V8 does to tell what is in use takes a core.
test.for(
  [
    ["most spans, each of its own name (JSON)", 200, namesInJson()],
    ["spans to cut out (JSON)", 200, surplusInJson()],
    ["spans to cut out (protobuf)", 200, surplusInProtobuf()],
    ["most links (protobuf)", 200, linksInProtobuf()],
    ["most bytes received (protobuf)", 200, plainProtobuf()],
    ["bombs", 413, bomb()],
  ] as const,
)(
  `POST /v1/traces of ${AT_ONCE} requests at once never has 128 MB in use: %s`,
  async ([, status, request]) => {
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
        Array.from({ length: AT_ONCE }, () => post(workerd, request)),
      );
      await collecting.stop();
      const taken = answers.filter((answer) => answer.status === status);
      const others = answers.filter((answer) => answer.status !== status);
      expect(taken.length).toBeGreaterThan(0);
      expect(others).toEqual(others.map(() => TRY_AGAIN));
      expect((await post(workerd, smallJson())).status).toBe(200);
      expect(memory.collections).toBeGreaterThan(collecting.asked);
      expect(memory.peakBytes).toBeLessThan(ISOLATE_BYTES);
    } finally {
      await workerd.stop();
    }
  },
);

async function post({ url }: Workerd, { headers, body }: LargeRequest) {
  const response = await fetch(`${url}/v1/traces`, {
    method: "POST",
    headers,
    body,
  });
  await response.arrayBuffer();
  return {
    status: response.status,
    retryAfter: response.headers.get("retry-after"),
  };
}

/** On a connection of its own: an idle one may be closed just as it is used. */
async function collect(url: string): Promise<void> {
  const asked = request(`${url}/collect`, { method: "POST", agent: false });
  asked.end();
  const [answer] = await once(asked, "response");
  answer.resume();
  await once(answer, "end");
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
      await collect(url);
      this.asked++;
      await delay(COLLECT_MS);
    }
  }

  stop(): Promise<void> {
    this.#isOver = true;
    return this.#running;
  }
}
