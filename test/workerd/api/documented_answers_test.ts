import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Scope } from "../../../src/access/caller.ts";
import { MAX_KEYS_PER_TENANT } from "../../../src/access/key_store.ts";
import { MAX_GUESSES_PER_SECOND } from "../../../src/access/guess_brake.ts";
import { makeKey } from "../../../src/access/key_text.ts";
import { BURST_S } from "../../../src/access/token_bucket.ts";
import { writeAnomaly } from "../../../src/anomaly/anomaly_store.ts";
import type { OpenApiDocument } from "../../../src/api/openapi_document.ts";
import type { Operation } from "../../../src/api/operation.ts";
import { operations } from "../../../src/api/operations.ts";
import { MAX_GRAPH_BYTES } from "../../../src/resources/resource_graph.ts";
import { outboxOf } from "../../../src/outbox/outbox_stub.ts";
import { ask, storedKey } from "../access/closed_service.ts";
import { anomalyOf } from "../anomaly/anomaly_of.ts";
import { requestOf } from "../outbox/outbox_trial.ts";
import { AnswerCheck } from "./answer_check.ts";
import {
  ANOMALY_ID,
  type CallRequest,
  type DocumentedCall,
  documentedCalls,
  DRIFT_ID,
  driftEvent,
  FULL,
  resourceGraph,
  TARGET,
  targetBindings,
  TRACE_ID,
} from "./documented_calls.ts";

const KEYS = Object.keys(operations) as (keyof typeof operations)[];
/** The scope whose key may not do what needs the scope. */
const OTHER_SCOPE = { read: "ingest", ingest: "read", admin: "read" } as const;

/** Stands for no key. */
const NO_KEY = "";
const MORE_THAN_ANY_BODY = MAX_GRAPH_BYTES + 1;

let check: AnswerCheck;
let calls: ReturnType<typeof documentedCalls>;
/** Addresses that guessed. */
let guessers = 0;
let keys: Readonly<Record<Scope, string>>;

beforeAll(async () => {
  const document = await ask("/openapi.json");
  check = new AnswerCheck(await document.json<OpenApiDocument>());
  keys = {
    admin: (await storedKey({ scope: "admin" })).text,
    read: (await storedKey({ scope: "read" })).text,
    ingest: (await storedKey({ scope: "ingest" })).text,
  };
  await told("/v1/traces", "POST", spans());
  await told("/api/v1/resources", "PUT", resourceGraph());
  await told("/api/v1/drift-events", "POST", driftEvent(DRIFT_ID));
  const startedMs = Date.now() - 600_000;
  const lasting = {
    service: "web",
    edge: null,
    startedMs,
    raisedMs: startedMs + 300_000,
  };
  await writeAnomaly(
    env.DB,
    { anomaly: anomalyOf(ANOMALY_ID, lasting), candidates: [] },
    { tenant: "default", nowMs: Date.now() },
  );
  await fill(FULL);
  calls = documentedCalls({
    key: (await storedKey({ scope: "read" })).id,
    unwantedKey: (await storedKey({ scope: "read" })).id,
    revokedKey: (await storedKey({ scope: "read", revokedMs: 1 })).id,
    letters: [await deadLetter(1), await deadLetter(2)],
  });
  // Until then the service is not on the map.
  await vi.waitFor(async () => {
    expect((await asked({ path: "/api/v1/services/web" })).status).toBe(200);
  }, { timeout: 20_000 });
});

beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test.each(KEYS)(
  "%s gives each answer that is documented, and no other",
  async (key) => {
    const operation: Operation = operations[key];
    const { well, wrong = {} } = calls[key];
    const given: string[] = [];
    for (const request of well) given.push(await answered(request));
    for (const [status, request] of Object.entries(wrong)) {
      const answer = await answered(request);
      expect(answer.split(" ")[0]).toBe(status);
      given.push(answer);
    }
    for (const request of usuallyWrong(operation, calls[key])) {
      given.push(await answered(request));
    }
    if (operation.scope !== null) {
      // In both encodings of OTLP.
      const forms = operation.tag === "ingest" ? well.slice(0, 2) : [well[0]];
      for (const form of forms) {
        const answer = await refusedGuess(form);
        given.push(await check.check(key, operation, answer));
      }
    }
    expect([...new Set(given)].toSorted()).toEqual(check.documented(key));

    async function answered(request: CallRequest): Promise<string> {
      return check.check(key, operation, await asked(request));
    }
  },
);

/** What is wrong with any operation of its sort, one request a status. */
function usuallyWrong(
  { query, passesOver = false, body, scope }: Operation,
  { well: [{ path, ...right }], wrong = {} }: DocumentedCall,
): CallRequest[] {
  const requests: CallRequest[] = [];
  if (query !== undefined && !passesOver && wrong[400] === undefined) {
    requests.push({ ...right, path: `${path.split("?")[0]}?nonsense=1` });
  }
  if (body !== undefined) {
    const other = { "content-type": "text/x" };
    requests.push(
      { ...right, path, body: "{" },
      { ...right, path, body: "{}", headers: other },
      { ...right, path, body: " ".repeat(MORE_THAN_ANY_BODY) },
    );
  }
  if (scope !== null) {
    requests.push(
      { ...right, path, key: NO_KEY },
      { ...right, path, key: keys[OTHER_SCOPE[scope]] },
      { ...right, path, bindings: { TRACE_SHARDS: "nonsense" } },
    );
  }
  return requests;
}

/** As somebody who may do all of it, unless the request says otherwise. */
function asked({ path, key = keys.admin, ...request }: CallRequest) {
  const bindings = { ...targetBindings(), ...request.bindings };
  return ask(path, {
    ...request,
    bindings,
    ...key === NO_KEY ? {} : { key },
  });
}

/** Guesses keys until the guesser's address is refused. */
async function refusedGuess(
  { path, method = "GET", headers: others }: CallRequest,
): Promise<Response> {
  const headers = {
    ...others,
    "cf-connecting-ip": `192.0.2.${++guessers}`,
  };
  // In a standing moment no guess is allowed anew.
  vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
  for (let guess = 0; guess <= MAX_GUESSES_PER_SECOND * BURST_S; guess++) {
    const { text: key } = makeKey((bytes) => crypto.getRandomValues(bytes));
    const answer = await ask(path, { method, key, headers });
    if (answer.status === 429) return answer;
    await answer.body?.cancel();
  }
  return expect.unreachable("no guess was refused");
}

async function told(path: string, method: string, body: unknown) {
  const answer = await ask(path, { method, body, key: keys.admin });
  expect([path, answer.status]).toEqual([path, expect.toSatisfy(isSuccess)]);
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** Stores a request that the target refused. */
async function deadLetter(number: number): Promise<number> {
  const of = { tenant: "default", target: TARGET };
  const refusal = { reason: "bad", status: 400 };
  await outboxOf(env, of).append({ request: requestOf(number), refusal }, of);
  return number;
}

/** Gives a tenant as many keys as it can have. */
async function fill(tenant: string): Promise<void> {
  await env.DB.prepare(
    `INSERT INTO access_key (id, tenant, name, scope, hash, created_ms)
      WITH RECURSIVE counted(n) AS (
        SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < ?2
      ) SELECT 'full-' || n, ?1, 'one of many', 'read', '', 1 FROM counted`,
  ).bind(tenant, MAX_KEYS_PER_TENANT).run();
}

/** A trace: web calls cart. */
function spans(): object {
  const endNs = BigInt(Date.now()) * 1_000_000n;
  const times = {
    startTimeUnixNano: String(endNs - 5_000_000n),
    endTimeUnixNano: String(endNs),
  };
  const client = {
    traceId: TRACE_ID,
    spanId: "00000000000000a1",
    name: "GET",
    kind: 3,
    ...times,
  };
  const server = {
    ...client,
    spanId: "00000000000000b2",
    parentSpanId: client.spanId,
    name: "GET /cart",
    kind: 2,
  };
  return { resourceSpans: [of("web", client), of("cart", server)] };

  function of(name: string, span: object): object {
    const attributes = [
      { key: "service.name", value: { stringValue: name } },
      { key: "host.id", value: { stringValue: "i-123456" } },
    ];
    return { resource: { attributes }, scopeSpans: [{ spans: [span] }] };
  }
}
