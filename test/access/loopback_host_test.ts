import { expect, test } from "vitest";
import { authorize } from "../../src/access/authorize.ts";
import { namesLoopback } from "../../src/access/loopback_host.ts";
import { readSettings } from "../../src/settings.ts";

test.each([
  "localhost",
  "LOCALHOST:4318",
  "shop.localhost",
  "127.0.0.1:4318",
  "127.8.9.1",
  "[::1]:4318",
])("namesLoopback() takes %s", (host) => {
  expect(namesLoopback(new Request(`http://${host}/`))).toBe(true);
  const request = new Request("http://localhost/", { headers: { host } });
  expect(namesLoopback(request)).toBe(true);
});

test.each([
  "evil.example",
  "localhost.evil.example",
  "127.0.0.1.evil.example",
  "evillocalhost",
  "128.0.0.1",
  "[::2]",
  "0.0.0.0",
  "",
])("namesLoopback() refuses %j, in the URL and in Host", (host) => {
  const header = new Request("http://localhost/", { headers: { host } });
  expect(namesLoopback(header)).toBe(false);
  if (host === "") return;
  expect(namesLoopback(new Request(`http://${host}/`))).toBe(false);
});

test("authorize() refuses other names to an open service and says what to do", async () => {
  const access = await authorize(new Request("http://evil.example/"), {
    scope: "read",
    settings: readSettings({ TRACECORE_OPEN: "true" }),
    bindings: { DB: {} as D1Database },
    nowMs: 0,
  });
  expect(access).toMatchObject({
    ok: false,
    status: 403,
    reason: expect.stringContaining("set ADMIN_KEY"),
  });
});
