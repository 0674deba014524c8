import { expect, test } from "vitest";
import {
  PREFLIGHT_MAX_AGE_S,
  preflightHeaders,
  readOrigin,
} from "../../src/ingest/cors.ts";

const SHOP = "https://shop.example";

test("readOrigin() allows every origin where none is named", () => {
  for (const origin of [SHOP, "null", "capacitor://localhost"]) {
    expect(readOrigin(origin, null)).toEqual({
      allowed: true,
      headers: {
        vary: "Origin",
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": "retry-after",
      },
    });
  }
});

test("readOrigin() allows a named origin, whatever its case", () => {
  expect(readOrigin(SHOP, [SHOP]).allowed).toBe(true);
  expect(readOrigin("HTTPS://Shop.example", [SHOP]).allowed).toBe(true);
});

test.each([
  "https://shop.example.evil.example",
  "https://evil-shop.example",
  "http://shop.example",
  "https://shop.example:8443",
  "null",
  "",
])("readOrigin() refuses %j and gives it no header", (origin) => {
  expect(readOrigin(origin, [SHOP]))
    .toEqual({ allowed: false, headers: { vary: "Origin" } });
});

test("readOrigin() lets a request through that no browser sent", () => {
  expect(readOrigin(null, []))
    .toEqual({ allowed: true, headers: { vary: "Origin" } });
});

test("preflightHeaders() allow what exporters and tracing send", () => {
  const headers = preflightHeaders();
  expect(headers["access-control-allow-headers"]).toBe(
    "content-type, content-encoding, authorization, x-tracecore-key, " +
      "traceparent, tracestate, baggage",
  );
  expect(headers["access-control-allow-methods"]).toBe("POST");
  expect(headers["access-control-max-age"]).toBe(String(PREFLIGHT_MAX_AGE_S));
});
