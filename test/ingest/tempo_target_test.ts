import { expect, test } from "vitest";
import { headerList, tempoUrl } from "../../src/ingest/tempo_target.ts";

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
])("tempoUrl(%j) is %j", (text, url) => {
  expect(tempoUrl(text)).toBe(url);
});

test.each([
  "tempo:4318",
  "grpc://tempo:4317",
  "//tempo",
  "",
  "http://",
  "http://user@tempo",
  "http://user:password@tempo",
])("tempoUrl(%j) is null", (text) => {
  expect(tempoUrl(text)).toBe(null);
});

test("headerList() reads pairs as OTEL_EXPORTER_OTLP_HEADERS has them", () => {
  expect(headerList(" X-Scope-OrgID = shop , Authorization=Basic%20YTpi== ,"))
    .toEqual({ "x-scope-orgid": "shop", authorization: "Basic YTpi==" });
  expect(headerList("a=")).toEqual({ a: "" });
  expect(headerList("")).toEqual({});
});

test.each(["a", "=b", "a b=c", "a=%zz", "a=%0d%0ab", "a=%E2%82%AC", "é=b"])(
  "headerList(%j) is null",
  (text) => {
    expect(headerList(text)).toBe(null);
  },
);

test("headerList() yields only what a Headers object takes", () => {
  const headers = headerList("a=%C3%BC%09x,b=c") ?? {};
  expect(new Headers(headers).get("b")).toBe("c");
  expect(new Headers(headers).get("a")).toBe("ü\tx");
});
