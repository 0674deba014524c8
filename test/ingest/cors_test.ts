import { expect, test } from "vitest";
import {
  corsHeaders,
  PREFLIGHT_MAX_AGE_S,
  preflightHeaders,
} from "../../src/ingest/cors.ts";

const SHOP = "https://shop.example";

test("corsHeaders() echo an origin that may post", () => {
  for (const origin of [SHOP, "null", "capacitor://localhost"]) {
    expect(corsHeaders(origin, true)).toEqual({
      vary: "Origin",
      "access-control-allow-origin": origin,
      "access-control-allow-credentials": "true",
      "access-control-expose-headers": "retry-after",
    });
  }
});

test("corsHeaders() give nothing to another origin, or to none", () => {
  expect(corsHeaders(SHOP, false)).toEqual({ vary: "Origin" });
  expect(corsHeaders(null, true)).toEqual({ vary: "Origin" });
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
