import { expect, test } from "vitest";
import { targetUrl } from "../../src/outbox/target_url.ts";

test.each([
  ["http://tempo:4318", "http://tempo:4318/v1/traces"],
  ["http://tempo:4318/", "http://tempo:4318/v1/traces"],
  ["https://otlp.example/otlp", "https://otlp.example/otlp/v1/traces"],
  ["https://otlp.example/otlp/", "https://otlp.example/otlp/v1/traces"],
  ["https://otlp.example/v1/traces", "https://otlp.example/v1/traces"],
  ["https://otlp.example/a/v1/traces", "https://otlp.example/a/v1/traces"],
  ["https://otlp.example/intake/traces", "https://otlp.example/intake/traces"],
  ["https://t.example/v1/traces?a=b", "https://t.example/v1/traces?a=b"],
  ["https://t.example?a=b#c", "https://t.example/v1/traces?a=b"],
])("targetUrl(%j) is %j", (text, url) => {
  expect(targetUrl(text)).toBe(url);
});

test.each([
  "tempo:4318",
  "grpc://tempo:4317",
  "//tempo",
  "",
  "http://",
  "http://user@tempo",
  "http://user:password@tempo",
])("targetUrl(%j) is null", (text) => {
  expect(targetUrl(text)).toBe(null);
});
