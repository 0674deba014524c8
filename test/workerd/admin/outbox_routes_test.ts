import { MAX_ADMIN_BODY_BYTES } from "../../../src/admin/json_body.ts";
import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { MAX_PAGE } from "../../../src/admin/outbox_parameters.ts";
import { outboxRoutes } from "../../../src/admin/outbox_routes.ts";
import {
  deadLettersSchema,
  outboxListSchema,
  outboxTargetSchema,
  replaySchema,
} from "../../../src/query/outbox_answer.ts";
import { answerError } from "../../../src/http/json_error.ts";
import { outboxOf } from "../../../src/outbox/outbox_stub.ts";
import { requestOf } from "../outbox/outbox_trial.ts";

const KEY = "a-key-of-enough-characters";
const CONFIGURED = {
  ...env,
  TRACECORE_OPEN: "true",
  TEMPO_URL: "http://127.0.0.1:9",
  OTLP_TARGETS: '[{"name":"backup","url":"http://127.0.0.1:9"}]',
};
const JSON_TYPE = { "content-type": "application/json" };
const LETTERS = "/backup/dead-letters";

function ask(
  path: string,
  init: RequestInit = {},
  bindings: object = CONFIGURED,
): Response | Promise<Response> {
  const routes = outboxRoutes();
  routes.onError((error, context) => answerError(error, context.req.raw));
  return routes.request(`/api/v1/outbox${path}`, init, bindings);
}

/** Stores a request, after which the object loses its memory. */
async function append(target: string, number: number, dead = false) {
  const of = { tenant: "default", target };
  const refusal = dead ? { reason: "bad", status: 400 } : null;
  const request = requestOf(number);
  expect(await outboxOf(env, of).append({ request, refusal }, of))
    .toMatchObject({ ok: true });
  await evictDurableObject(outboxOf(env, of));
}

test("GET /api/v1/outbox tells of each configured target, and GET of one that was once", async () => {
  await append("old", 1);
  const { targets } = outboxListSchema.parse(await (await ask("")).json());
  expect(targets).toMatchObject([
    { target: "tempo", configured: true, items: 0, dead_letters: 0 },
    { target: "backup", configured: true },
  ]);
  const old = outboxTargetSchema.parse(await (await ask("/old")).json());
  expect(old).toMatchObject({ target: "old", configured: false, items: 1 });
});

test("outboxRoutes() answers 404 for a target that nobody knows", async () => {
  for (const path of ["/nobody", "/nobody/dead-letters", "/A%2Fb", "/old%20"]) {
    expect((await ask(path)).status).toBe(404);
  }
  const replay = { method: "POST", headers: JSON_TYPE, body: '{"all":true}' };
  expect((await ask("/nobody/dead-letters/replay", replay)).status).toBe(404);
  const remove = { method: "DELETE" };
  expect((await ask("/nobody/dead-letters/1", remove)).status).toBe(404);
});

test("outboxRoutes() pages dead letters, none twice and none left out, while more die and some go", async () => {
  for (let number = 0; number < 7; number++) {
    await append("backup", number, true);
  }
  const seen: number[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? "" : `&cursor=${cursor}`;
    const page = deadLettersSchema.parse(
      await (await ask(`${LETTERS}?limit=2${query}`)).json(),
    );
    expect(page.dead_letters.length).toBeLessThanOrEqual(2);
    seen.push(...page.dead_letters.map(({ id }) => id));
    cursor = page.next_cursor;
    if (seen.length === 4) {
      await append("backup", 7, true);
      await ask(`${LETTERS}/${seen[3]}`, { method: "DELETE" });
    }
  } while (cursor !== null);
  expect(seen).toHaveLength(8);
  expect(seen).toEqual([...new Set(seen)].toSorted((a, b) => a - b));
  const download = await ask(`${LETTERS}/${seen[5]}`);
  expect(new Uint8Array(await download.arrayBuffer()))
    .toEqual(requestOf(5).body);
  expect(download.headers.get("content-type")).toBe("application/octet-stream");
  expect(download.headers.get("x-original-content-type"))
    .toBe("application/x-protobuf");
  expect((await ask(`${LETTERS}/${seen[3]}`)).status).toBe(404);
  const replay = await ask(`${LETTERS}/replay`, {
    method: "POST",
    headers: JSON_TYPE,
    body: '{"all":true}',
  });
  expect(replaySchema.parse(await replay.json()))
    .toEqual({ replayed: 7, unknown: [], refused: 0 });
});

test("outboxRoutes() refuses parameters, bodies and types that it does not know", async () => {
  const refused = [
    ["?x=1", 400],
    [`${LETTERS}?limit=0`, 400],
    [`${LETTERS}?limit=${MAX_PAGE + 1}`, 400],
    [`${LETTERS}?cursor=x`, 400],
    [`${LETTERS}/0`, 404],
    [`${LETTERS}/x`, 404],
  ] as const;
  for (const [path, status] of refused) {
    expect((await ask(path)).status).toBe(status);
  }
  expect((await ask(`${LETTERS}?limit=${MAX_PAGE}`)).status).toBe(200);
  const post = async (body: string, headers = JSON_TYPE) =>
    (await ask(`${LETTERS}/replay`, { method: "POST", headers, body })).status;
  expect(await post('{"all":true}', { "content-type": "text/plain" })).toBe(
    415,
  );
  for (
    const body of ["", "{", "[]", '{"all":false}', '{"ids":[]}', '{"ids":[0]}']
  ) {
    expect(await post(body)).toBe(400);
  }
  const bodyless = await ask(`${LETTERS}/replay`, { method: "POST" });
  expect(bodyless.status).toBe(400);
  expect(await bodyless.json()).toMatchObject({
    details: [{
      parameter: "body",
      problem: expect.stringContaining('or {"all": true}') as string,
    }],
  });
  const padded = '{"ids":[999999]}'.padEnd(MAX_ADMIN_BODY_BYTES);
  expect(await post(padded)).toBe(200);
  expect(await post(`${padded} `)).toBe(413);
  const wrong = await ask(`${LETTERS}/replay`);
  expect(wrong.status).toBe(405);
  expect(wrong.headers.get("allow")).toBe("POST");
});

test("outboxRoutes() serves nobody without a key for admins", async () => {
  const closed = { ...CONFIGURED, TRACECORE_OPEN: "false", ADMIN_KEY: KEY };
  const calls = [
    ["GET", ""],
    ["GET", "/backup"],
    ["GET", LETTERS],
    ["GET", `${LETTERS}/1`],
    ["DELETE", `${LETTERS}/1`],
    ["POST", `${LETTERS}/replay`],
  ] as const;
  for (const [method, path] of calls) {
    expect((await ask(path, { method }, closed)).status).toBe(401);
    const inUrl = `${path}?key=${KEY}`;
    expect((await ask(inUrl, { method }, closed)).status).toBe(401);
  }
  const headers = { authorization: `Bearer ${KEY}` };
  expect((await ask("", { headers }, closed)).status).toBe(200);
});
