import { expect, test } from "vitest";
import { boundedJson, MAX_BODY_DEPTH } from "../../src/http/bounded_json.ts";

function nested(depth: number): string {
  return '{"a":['.repeat(depth / 2) + "]}".repeat(depth / 2);
}

test("boundedJson() parses what is at most MAX_BODY_DEPTH deep", () => {
  expect(boundedJson(nested(MAX_BODY_DEPTH)).ok).toBe(true);
  expect(boundedJson(`[${nested(MAX_BODY_DEPTH)}]`)).toEqual({
    ok: false,
    problem: "it is deeper than 100 levels",
  });
});

test("boundedJson() counts no bracket within a text, and goes up again", () => {
  const text = JSON.stringify(['\\"[[{', "[".repeat(1000)]);
  expect(boundedJson(text)).toEqual({ ok: true, value: JSON.parse(text) });
  const wide = `[${Array.from({ length: 200 }, () => "[]").join(",")}]`;
  expect(boundedJson(wide).ok).toBe(true);
  expect(boundedJson("[1")).toEqual({ ok: false, problem: "it is no JSON" });
});
