import { expect, test } from "vitest";
import {
  jaegerDependencies,
  jaegerDependenciesSchema,
} from "../../src/jaeger/jaeger_dependencies.ts";

test("jaegerDependencies() adds up edges of the same names", () => {
  const answer = jaegerDependencies([
    { from: "web", to: "cart", request_count: 1.4 },
    { from: "cart", to: "web", request_count: 5 },
    { from: "web", to: "cart", request_count: 1.4 },
    { from: "webcart", to: "", request_count: 1 },
  ]);
  expect(answer).toStrictEqual({
    data: [
      { parent: "web", child: "cart", callCount: 3 },
      { parent: "cart", child: "web", callCount: 5 },
      { parent: "webcart", child: "", callCount: 1 },
    ],
    total: 3,
    limit: 0,
    offset: 0,
    errors: null,
  });
  expect(jaegerDependenciesSchema.parse(answer)).toEqual(answer);
});

test("jaegerDependencies() of no edges is an empty list", () => {
  expect(jaegerDependencies([]))
    .toStrictEqual({ data: [], total: 0, limit: 0, offset: 0, errors: null });
});
