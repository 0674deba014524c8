import { expect, test } from "vitest";
import {
  driftAnswerSchema,
  driftListSchema,
  takenDriftsSchema,
} from "../../../src/drift/drift_answer.ts";
import {
  MAX_DRIFT_BODY_BYTES,
  MAX_DRIFT_LIMIT,
} from "../../../src/drift/drift_limits.ts";
import { SIGNATURE_HEADERS } from "../../../src/drift/webhook_signature.ts";
import { ask, type Asked, storedKey } from "../access/closed_service.ts";

const EVENTS = "/api/v1/drift-events";
const SECRET = "the-secret-of-a-relay";
const TIME = "2026-01-31T14:32:00.000Z";
const EVENT = {
  id: "drift-1",
  resource_id: "aws:sg:sg-123456",
  resource_type: "security_group",
  type: "modified",
  timestamp: TIME,
  severity: "high",
};

function adminKey(tenant: string): Promise<{ readonly text: string }> {
  return storedKey({ tenant, scope: "admin" });
}

function post(asked: Asked): Promise<Response> {
  return ask(EVENTS, { method: "POST", ...asked });
}

async function idsOf(query: string, key: string): Promise<readonly string[]> {
  const answer = await ask(`${EVENTS}?${query}`, { key });
  expect(answer.status).toBe(200);
  const { drift_events: events } = driftListSchema.parse(await answer.json());
  return events.map(({ id }) => id);
}

async function problemsOf(answer: Response): Promise<readonly string[]> {
  const { details } = await answer.json<
    { details?: { parameter: string }[] }
  >();
  return (details ?? []).map(({ parameter }) => parameter);
}

test("drift events are taken, told once, filtered and looked up", async () => {
  const { text: key } = await adminKey("taken");
  const created = await post({ key, body: EVENT });
  expect(created.status).toBe(201);
  expect(takenDriftsSchema.parse(await created.json())).toEqual({
    drift_events: [{ id: "drift-1", created: true }],
    count: 1,
    created: 1,
  });
  const webhook = {
    event_type: "terraform_drift_detected",
    resource_id: "sg-123456",
    resource_type: "aws_security_group",
    change_type: "deleted",
    detected_at: "2026-01-31T15:00:00Z",
    severity: "low",
  };
  const again = await post({ key, body: [EVENT, webhook] });
  const { created: count, drift_events: taken } = takenDriftsSchema
    .parse(await again.json());
  expect([again.status, count]).toEqual([201, 1]);
  const made = taken[1]?.id ?? "";
  expect((await post({ key, body: [webhook, EVENT] })).status).toBe(200);

  const one = await ask(`${EVENTS}/drift-1`, { key });
  expect(driftAnswerSchema.parse(await one.json())).toEqual({
    ...EVENT,
    source: "deepdrift",
    impacted_resources: [],
    metadata: {},
    truncated: [],
  });
  expect(await idsOf("", key)).toEqual([made, "drift-1"]);
  for (const id of ["sg-123456", "aws:sg:sg-123456"]) {
    expect(await idsOf(`resource_id=${id}`, key)).toEqual([made, "drift-1"]);
    // The newest event of a resource stands in for an id.
    const newest = await ask(`${EVENTS}/${id}`, { key });
    expect(await newest.json()).toMatchObject({ id: made });
  }
  expect(await idsOf("type=deleted", key)).toEqual([made]);
  expect(await idsOf("severity=high", key)).toEqual(["drift-1"]);
  expect(await idsOf(`start=${TIME}&end=2026-01-31T15:00:00Z`, key))
    .toEqual(["drift-1"]);
  const first = await ask(`${EVENTS}?limit=1`, { key });
  const { next_cursor: cursor } = driftListSchema.parse(await first.json());
  expect(await idsOf(`limit=1&cursor=${encodeURIComponent(cursor ?? "")}`, key))
    .toEqual(["drift-1"]);
  const { text: other } = await adminKey("stranger");
  expect(await idsOf("", other)).toEqual([]);
  expect((await ask(`${EVENTS}/drift-1`, { key: other })).status).toBe(404);
});

test("of a request with a wrong event nothing is stored, and the field is named", async () => {
  const { text: key } = await adminKey("wrong");
  const body = [EVENT, { ...EVENT, id: "b", timestamp: "yesterday" }];
  const answer = await post({ key, body });
  expect(answer.status).toBe(400);
  expect(await problemsOf(answer)).toEqual(["[1].timestamp"]);
  expect(await idsOf("", key)).toEqual([]);
  expect((await post({ key, body: "{" })).status).toBe(400);
  expect((await post({ key, body: "[".repeat(101) })).status).toBe(400);
  const type = { "content-type": "text/plain" };
  expect((await post({ key, body: EVENT, headers: type })).status).toBe(415);
  const page = { origin: "https://elsewhere.example" };
  expect((await post({ key, body: EVENT, headers: page })).status).toBe(403);
  const padding = JSON.stringify(EVENT);
  const most = padding.padEnd(MAX_DRIFT_BODY_BYTES);
  expect((await post({ key, body: most })).status).toBe(201);
  expect((await post({ key, body: `${most} ` })).status).toBe(413);
});

test("wrong parameters of the list are named", async () => {
  const { text: key } = await adminKey("parameters");
  for (
    const [query, parameter] of [
      [`limit=${MAX_DRIFT_LIMIT + 1}`, "limit"],
      ["limit=0", "limit"],
      ["cursor=next", "cursor"],
      ["type=exploded", "type"],
      ["severity=bad", "severity"],
      ["start=never", "start"],
      ["start=5m&end=10m", "end"],
      ["resource=sg-1", "resource"],
    ]
  ) {
    const answer = await ask(`${EVENTS}?${query}`, { key: key });
    expect(answer.status).toBe(400);
    expect(await problemsOf(answer)).toEqual([parameter]);
  }
  expect(await idsOf(`limit=${MAX_DRIFT_LIMIT}`, key)).toEqual([]);
});

async function signature(body: string, secret = SECRET): Promise<string> {
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle
    .importKey("raw", encoder.encode(secret), algorithm, false, ["sign"]);
  const bytes = await crypto.subtle.sign("HMAC", key, encoder.encode(body));
  return [...new Uint8Array(bytes)]
    .map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

test("who signed the body needs no key; a wrong signature is refused whatever the key", async () => {
  const bindings = { DRIFT_WEBHOOK_SECRET: SECRET };
  const body = JSON.stringify({ ...EVENT, id: "signed" });
  const right = await signature(body);
  for (const header of SIGNATURE_HEADERS) {
    const headers = { [header]: `sha256=${right.toUpperCase()}` };
    expect([200, 201])
      .toContain((await post({ body, headers, bindings })).status);
  }
  const { text: key } = await adminKey("default");
  expect(await idsOf("", key)).toContain("signed");
  const flipped = (right.startsWith("0") ? "1" : "0") + right.slice(1);
  const wrong = [
    "",
    flipped,
    right.slice(1),
    await signature(`${body} `),
    await signature(body, "another-secret-here"),
  ];
  for (const one of wrong) {
    const headers = { [SIGNATURE_HEADERS[0]]: one };
    expect((await post({ key, body, headers, bindings })).status).toBe(403);
  }
  const headers = { [SIGNATURE_HEADERS[0]]: right };
  // Without the secret a signature says nothing.
  expect((await post({ body, headers })).status).toBe(401);
  expect((await post({ body, bindings })).status).toBe(401);
  expect((await post({ key, body, bindings })).status).toBe(200);
  const open = { ...bindings, TRACECORE_OPEN: "true" };
  const unsigned = await post({ body, bindings: open });
  expect(unsigned.status).toBe(401);
});
