import { expect, test } from "vitest";
import { HttpProblem } from "../../src/http/http_problem.ts";
import { liveUpgrade } from "../../src/live/live_upgrade.ts";

const URL = "https://tracecore.example/api/v1/live";
const SOCKET = { upgrade: "WebSocket", "sec-websocket-version": "13" };

function upgradeOf(headers: Readonly<Record<string, string>>) {
  const request = new Request(URL, { headers });
  try {
    return liveUpgrade(request, ["https://board.example"]);
  } catch (error) {
    if (error instanceof HttpProblem) return error.status;
    throw error;
  }
}

test.each([
  ["an event stream", {}, { upgrade: false, hasProtocol: false }],
  ["a WebSocket", SOCKET, { upgrade: true, hasProtocol: false }],
  ["its protocol and a key", {
    ...SOCKET,
    "sec-websocket-protocol": "tracecore.key.a, tracecore.live.v1",
  }, { upgrade: true, hasProtocol: true }],
  ["a page of its own origin", {
    ...SOCKET,
    origin: "https://tracecore.example",
  }, { upgrade: true, hasProtocol: false }],
  ["a page that may read", {
    ...SOCKET,
    origin: "https://board.example",
  }, { upgrade: true, hasProtocol: false }],
  ["another page", { ...SOCKET, origin: "https://evil.example" }, 403],
  ["another protocol", { ...SOCKET, "sec-websocket-protocol": "mqtt" }, 400],
  ["another upgrade", { upgrade: "h2c" }, 400],
  ["an older version", { ...SOCKET, "sec-websocket-version": "8" }, 426],
])("liveUpgrade() of %s", (_, headers, expected) => {
  expect(upgradeOf(headers)).toEqual(expected);
});
