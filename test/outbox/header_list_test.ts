import { expect, test } from "vitest";
import { headerList } from "../../src/outbox/header_list.ts";

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
