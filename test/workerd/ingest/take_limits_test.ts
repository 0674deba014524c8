import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  type Caller,
  type KeyLimits,
  NO_KEY_LIMITS,
  OPERATOR,
} from "../../../src/access/caller.ts";
import { BURST_S } from "../../../src/access/token_bucket.ts";
import { RETRY_AFTER_S } from "../../../src/http/json_error.ts";
import { RequestRecord } from "../../../src/http/request_record.ts";
import {
  READING_BYTES,
  readingBytes,
  readingMemory,
  RECEIVED_BYTES,
  receivedMemory,
} from "../../../src/ingest/isolate_memory.ts";
import {
  type Lease,
  MAX_WAITING_REQUESTS,
  type MemoryBudget,
} from "../../../src/ingest/memory_budget.ts";
import {
  HANDOVER_TIMEOUT_MS,
  takeRequest,
} from "../../../src/ingest/take_request.ts";
import { readTracesJson } from "../../../src/otlp/traces_json.ts";
import { readSettings } from "../../../src/settings.ts";
import { counterBook } from "../../../src/telemetry/counters.ts";
import { exportJson } from "../../ingest/export_request.ts";
import { compress } from "./compress.ts";
import { JSON_TYPE, OtlpTrial } from "./otlp_trial.ts";

let trial: OtlpTrial;
let logged: string[];
let keys = 0;

beforeEach(() => {
  trial = new OtlpTrial();
  logged = [];
  counterBook.drain();
  vi.spyOn(console, "error").mockImplementation((line: string) => {
    logged.push(line);
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  expect(receivedMemory.leasedBytes).toBe(0);
  expect(readingMemory.leasedBytes).toBe(0);
});

/** A key that nothing was posted with yet. */
function keyWith(limits: Partial<KeyLimits> = {}): Caller {
  return {
    ...OPERATOR,
    tenant: `take-${++keys}`,
    keyId: `key-${keys}`,
    limits: { ...NO_KEY_LIMITS, ...limits },
  };
}

function take(
  body: string | Uint8Array<ArrayBuffer>,
  caller = keyWith(),
  headers: Readonly<Record<string, string>> = {},
) {
  const request = new Request("https://tracecore.example/v1/traces", {
    method: "POST",
    headers: { ...JSON_TYPE, ...headers },
    body,
  });
  return takeRequest(request, {
    bindings: { ...env },
    settings: readSettings({ TRACECORE_OPEN: "true" }),
    caller,
    targets: trial.targets,
    record: new RequestRecord("request", Date.now()),
  });
}

/** One span of each service. */
function spansOf(services: readonly string[]): string {
  const resourceSpans = services.map((service, at) => ({
    resource: {
      attributes: [{ key: "service.name", value: { stringValue: service } }],
    },
    scopeSpans: [{
      spans: [{
        traceId: "5b8efff798038103d269b633813fc60c",
        spanId: `eee19b7ec3c1b1${10 + at}`,
        name: `of ${service}`,
        startTimeUnixNano: "1800000000000000000",
        endTimeUnixNano: "1800000000001000000",
      }],
    }],
  }));
  return JSON.stringify({ resourceSpans });
}

function servicesIn(body: Uint8Array<ArrayBuffer>): readonly string[] {
  const read = readTracesJson(body);
  return read.ok
    ? read.batch.spans.map(({ resource }) => resource.serviceName ?? "")
    : [read.reason];
}

test.each([["plain"], ["gzip"]])(
  "takeRequest() takes a %s body of a key's bodyBytes, and refuses one byte more",
  async (coding) => {
    const plain = exportJson(2);
    const body = coding === "gzip"
      ? await compress(plain)
      : new Uint8Array(new TextEncoder().encode(plain));
    const headers: Record<string, string> = coding === "gzip"
      ? { "content-encoding": coding }
      : {};
    const bytes = body.length;
    const taken = await take(body, keyWith({ bodyBytes: bytes }), headers);
    expect(taken).toMatchObject({ ok: true, rejected: 0 });
    expect(trial.spansDelivered()).toBe(2);
    const refused = await take(
      body,
      keyWith({ bodyBytes: bytes - 1 }),
      headers,
    );
    expect(refused).toMatchObject({ ok: false, status: 413 });
    expect(trial.delivered.length).toBe(1);
    expect(trial.forwarded.length).toBe(1);
  },
);

test("takeRequest() rejects spans of services that a key does not name, and forwards the others", async () => {
  const caller = keyWith({ services: ["shop", "page-*"] });
  const body = spansOf(["shop", "bank", "page-cart", "shop-2"]);
  expect(await take(body, caller)).toMatchObject({
    ok: true,
    rejected: 2,
    rejection: expect.stringContaining("may not post for this service"),
  });
  const [delivered] = trial.delivered;
  expect(delivered?.batch.spans.map(({ name }) => name))
    .toEqual(["of shop", "of page-cart"]);
  const [forwarded] = trial.forwarded;
  expect(servicesIn(forwarded?.received.body ?? new Uint8Array()))
    .toEqual(["shop", "page-cart"]);
  expect(counterBook.drain().get(caller.tenant)).toEqual([
    { counter: "rejected_spans", reason: "service", amount: 2 },
  ]);
});

test("takeRequest() hands nothing over where a key names none of the services", async () => {
  const caller = keyWith({ services: ["shop"] });
  expect(await take(spansOf(["bank"]), caller))
    .toMatchObject({ ok: true, rejected: 1 });
  expect(trial.delivered).toEqual([]);
  expect(trial.forwarded).toEqual([]);
});

test("takeRequest() takes a key's spans of BURST_S, and says 429 of the next with Retry-After", async () => {
  const caller = keyWith({ spansPerSecond: 2 });
  vi.spyOn(Date, "now").mockReturnValue(1_800_000_000_000);
  expect(await take(exportJson(2 * BURST_S), caller))
    .toMatchObject({ ok: true });
  expect(trial.spansDelivered()).toBe(2 * BURST_S);
  expect(await take(exportJson(1), caller)).toMatchObject({
    ok: false,
    status: 429,
    word: "span_rate",
    headers: { "retry-after": "1" },
  });
  expect(trial.delivered.length).toBe(1);
  expect(trial.forwarded.length).toBe(1);
  vi.spyOn(Date, "now").mockReturnValue(1_800_000_001_000);
  expect(await take(exportJson(1), caller)).toMatchObject({ ok: true });
});

test("takeRequest() counts no span that it rejects towards a key's rate", async () => {
  const caller = keyWith({ spansPerSecond: 1, services: ["shop"] });
  vi.spyOn(Date, "now").mockReturnValue(1_800_000_000_000);
  const others = Array.from({ length: 2 * BURST_S }, () => "bank");
  expect(await take(spansOf(others), caller)).toMatchObject({ ok: true });
  expect(await take(spansOf(["shop"]), caller)).toMatchObject({ ok: true });
});

const PLAIN = exportJson(1);
const BUDGETS = [
  ["receivedMemory", receivedMemory, RECEIVED_BYTES, PLAIN.length],
  [
    "readingMemory",
    readingMemory,
    READING_BYTES,
    readingBytes(
      new Uint8Array(PLAIN.length),
      { encoding: "json", compression: null },
      readSettings({}),
    ),
  ],
] as const;
const HEADERS = { "content-length": String(PLAIN.length) };

/** Leases bytes for as many owners as that takes. */
async function lease(budget: MemoryBudget, bytes: number): Promise<Lease> {
  const leases: (Lease | null)[] = [];
  for (let owner = 0; budget.leasedBytes < bytes; owner++) {
    const left = bytes - budget.leasedBytes;
    leases.push(await budget.reserve(`owner ${owner}`, left));
  }
  return { release: () => leases.forEach((one) => one?.release()) };
}

for (const [name, budget, capacity, needed] of BUDGETS) {
  test(`takeRequest() takes what ${name} has room for to the byte, and waits for one byte more`, async () => {
    const fitting = await lease(budget, capacity - needed);
    expect(await take(PLAIN, keyWith(), HEADERS)).toMatchObject({ ok: true });
    fitting.release();
    const tight = await lease(budget, capacity - needed + 1);
    const taking = take(PLAIN, keyWith(), HEADERS);
    await vi.waitFor(() => expect(budget.waiting).toBe(1));
    expect(trial.delivered.length).toBe(1);
    tight.release();
    expect(await taking).toMatchObject({ ok: true });
    expect(trial.delivered.length).toBe(2);
  });

  test(`takeRequest() says 503 with Retry-After where too many wait for ${name}`, async () => {
    const all = await lease(budget, capacity);
    const waiting = Array.from(
      { length: MAX_WAITING_REQUESTS },
      () => budget.reserve("waiting", 1),
    );
    expect(await take(PLAIN, keyWith(), HEADERS)).toMatchObject({
      ok: false,
      status: 503,
      word: "no_room",
      headers: { "retry-after": String(RETRY_AFTER_S) },
    });
    expect(trial.delivered).toEqual([]);
    expect(trial.forwarded).toEqual([]);
    all.release();
    for (const one of await Promise.all(waiting)) one?.release();
  });
}

for (const stuck of ["deliver", "forward"] as const) {
  test(`takeRequest() says 503 when a ${stuck} has not settled within HANDOVER_TIMEOUT_MS, not before`, async () => {
    const begun = Promise.withResolvers<void>();
    trial.targets = {
      ...trial.targets,
      [stuck]: () => {
        begun.resolve();
        return new Promise(() => undefined);
      },
    };
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    let answered = false;
    const taking = take(PLAIN).finally(() => answered = true);
    await begun.promise;
    await vi.advanceTimersByTimeAsync(HANDOVER_TIMEOUT_MS - 1);
    expect(answered).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await taking).toMatchObject({
      ok: false,
      status: 503,
      word: "storage",
      headers: { "retry-after": String(RETRY_AFTER_S) },
    });
    expect(logged.map((line) => JSON.parse(line))).toMatchObject([
      { event: "delivery_failed", request_id: "request", spans: 1 },
    ]);
  });
}
