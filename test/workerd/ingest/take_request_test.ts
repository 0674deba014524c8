import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RETRY_AFTER_S } from "../../../src/http/json_error.ts";
import { exportJson, exportProtobuf } from "../../ingest/export_request.ts";
import { compress } from "./compress.ts";
import {
  bytesOf,
  ENCODINGS,
  OPEN,
  OtlpTrial,
  PROTOBUF,
  readStatus,
} from "./otlp_trial.ts";

let trial: OtlpTrial;
let logged: string[];

beforeEach(() => {
  trial = new OtlpTrial();
  logged = [];
  vi.spyOn(console, "error").mockImplementation((line: string) => {
    logged.push(line);
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

test("takeRequest() acknowledges only what is delivered and forwarded", async () => {
  const fails = () => Promise.reject(new TypeError("A fault"));
  const throws = () => {
    throw new TypeError("A fault before any promise");
  };
  const sent = { headers: PROTOBUF, body: exportProtobuf(1) };
  const sound = trial.targets;
  for (const failing of ["deliver", "forward"]) {
    for (const fault of [fails, throws]) {
      trial.targets = { ...sound, [failing]: fault };
      const answer = await trial.send(sent);
      expect(answer.status).toBe(503);
      expect(answer.headers.get("retry-after")).toBe(String(RETRY_AFTER_S));
      expect(logged.map((line) => JSON.parse(line).event))
        .toEqual(["delivery_failed"]);
      logged = [];
    }
  }
});

test("takeRequest() says 503 and when to come again where an outbox is full", async () => {
  const reason = "The outbox is full";
  trial.targets = {
    ...trial.targets,
    forward: () => Promise.resolve({ ok: false, reason, retryAfterS: 30 }),
  };
  const sent = { headers: PROTOBUF, body: exportProtobuf(1) };
  const answer = await trial.send(sent);
  expect(answer.status).toBe(503);
  expect(answer.headers.get("retry-after")).toBe("30");
  expect((await readStatus(answer)).message).toBe(reason);
});

const TEMPO = {
  ...OPEN,
  TEMPO_URL: "http://tempo:4318",
  TEMPO_HEADERS: "x-scope-orgid=shop",
};

test("takeRequest() forwards the received bytes and their headers", async () => {
  const body = await compress(exportJson(2));
  const headers = {
    "content-type": "application/json; charset=utf-8",
    "content-encoding": "gzip",
  };
  expect((await trial.send({ headers, body, env: TEMPO })).status).toBe(200);
  expect(trial.forwarded.map(({ received }) => received)).toEqual([{
    body,
    contentType: headers["content-type"],
    contentEncoding: "gzip",
    spans: 2,
  }]);
  expect(trial.forwarded[0]?.context).toMatchObject({
    caller: { tenant: "default" },
    settings: { targets: [{ name: "tempo" }] },
  });
});

for (const [encoding, headers, make] of ENCODINGS) {
  test(`takeRequest() cuts rejected spans out of ${encoding} that it forwards`, async () => {
    const good = await bytesOf(new Response(make(2)));
    const mixed = make(2, 3);
    await trial.send({ headers, body: mixed, env: TEMPO });
    expect(trial.forwarded[0]?.received).toMatchObject({
      body: good,
      contentEncoding: null,
      spans: 2,
    });
    const body = await compress(mixed);
    const coded = { ...headers, "content-encoding": "gzip" };
    await trial.send({ headers: coded, body, env: TEMPO });
    const { received } = trial.forwarded[1] ?? {};
    expect(received?.contentEncoding).toBe("gzip");
    const sent = new Response(received?.body).body
      ?.pipeThrough(new DecompressionStream("gzip"));
    expect(await bytesOf(new Response(sent))).toEqual(good);
  });
}

test("takeRequest() forwards nothing that has no span", async () => {
  await trial.send({ headers: PROTOBUF, env: TEMPO });
  await trial.send({
    headers: PROTOBUF,
    body: exportProtobuf(0, 1),
    env: TEMPO,
  });
  await trial.send({ headers: PROTOBUF, body: "\x0f", env: TEMPO });
  expect(trial.forwarded).toEqual([]);
});

test("takeRequest() answers when both the delivery and the forward are done", async () => {
  let finish: () => void = () => undefined;
  let answered = false;
  trial.targets = {
    ...trial.targets,
    forward: () =>
      new Promise((resolve) => {
        finish = () => resolve({ ok: true });
      }),
  };
  const sent = { headers: PROTOBUF, body: exportProtobuf(1), env: TEMPO };
  const answer = trial.send(sent).then((response) => {
    answered = true;
    return response;
  });
  await vi.waitFor(() => expect(trial.delivered.length).toBe(1));
  expect(answered).toBe(false);
  finish();
  expect((await answer).status).toBe(200);
});

test("takeRequest() forwards while delivery is under way", async () => {
  let begun = () => {};
  const forwardBegun = new Promise<void>((resolve) => begun = resolve);
  trial.targets = {
    deliver: () => forwardBegun,
    forward: () => {
      begun();
      return Promise.resolve({ ok: true });
    },
  };
  const sent = { headers: PROTOBUF, body: exportProtobuf(1), env: TEMPO };
  expect((await trial.send(sent)).status).toBe(200);
});
