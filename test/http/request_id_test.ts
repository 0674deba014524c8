import { expect, test } from "vitest";
import { requestId } from "../../src/http/request_id.ts";

test("requestId() takes Cloudflare's ray before the client's own", () => {
  const headers = { "cf-ray": "8f0-FRA", "x-request-id": "mine" };
  expect(requestId(new Headers(headers))).toBe("8f0-FRA");
});

test.each(["a", "A.b_c-9", "x".repeat(64)])(
  "requestId() takes the client's %j",
  (id) => {
    expect(requestId(new Headers({ "x-request-id": id }))).toBe(id);
  },
);

test.each(["", "a b", 'a"b', "ä", "a/b", "x".repeat(65)])(
  "requestId() makes its own for %j",
  (id) => {
    const headers = new Headers({ "x-request-id": id, "cf-ray": id });
    const made = requestId(headers);
    expect(made).toMatch(/^[0-9a-f]{32}$/);
    expect(requestId(headers)).not.toBe(made);
  },
);
