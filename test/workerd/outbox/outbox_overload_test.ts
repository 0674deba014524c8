import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import {
  MAX_WAITING_APPEND_BYTES,
  MAX_WAITING_APPENDS,
  type Outbox,
} from "../../../durable-objects/outbox.ts";
import { outboxOf } from "../../../src/outbox/outbox_stub.ts";
import {
  type ReceivedRequest,
  storedBytes,
} from "../../../src/outbox/received_request.ts";

const TYPE = "application/json";

function request(bodyBytes: number): ReceivedRequest {
  const body = new Uint8Array(bodyBytes);
  return { body, contentType: TYPE, contentEncoding: null };
}

/** What became of appends at once, in the words of its error or "taken". */
function outcomes(
  target: string,
  requests: readonly ReceivedRequest[],
): Promise<readonly string[]> {
  const of = { tenant: "overload", target };
  return runInDurableObject(outboxOf(env, of), async (outbox: Outbox) => {
    const settled = await Promise.allSettled(
      requests.map((one) => outbox.append({ request: one, refusal: null }, of)),
    );
    return settled.map((one) =>
      one.status === "fulfilled" ? "taken" : String(one.reason.name)
    );
  });
}

test("Outbox.append() lets MAX_WAITING_APPENDS wait, and refuses one more", async () => {
  // The first is being written.
  const found = await outcomes(
    "count",
    Array.from({ length: MAX_WAITING_APPENDS + 2 }, () => request(1)),
  );
  expect(found.slice(0, -1).every((one) => one === "taken")).toBe(true);
  expect(found.at(-1)).toBe("OverloadedError");
});

test("Outbox.append() lets MAX_WAITING_APPEND_BYTES wait, and refuses one byte more", async () => {
  const parts = 16;
  const overhead = storedBytes(request(0));
  const part = request(MAX_WAITING_APPEND_BYTES / parts - overhead);
  const fitting = Array.from({ length: parts }, () => part);
  const found = await outcomes("bytes", [request(1), ...fitting, request(1)]);
  expect(found).toEqual([
    "taken",
    ...fitting.map(() => "taken"),
    "OverloadedError",
  ]);
});
