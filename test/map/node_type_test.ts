import fc from "fast-check";
import { expect, test } from "vitest";
import { NODE_TYPES, NodeTrait, nodeType } from "../../src/map/node_type.ts";

const { SERVES, SERVES_HTTP, SERVES_RPC, SERVES_ROOTS, CONSUMES, CALLS } =
  NodeTrait;

test.each([
  ["unknown", 0],
  ["unknown", SERVES_ROOTS],
  ["browser", NodeTrait.BROWSER | CALLS],
  ["mobile", NodeTrait.MOBILE | CALLS],
  ["function", NodeTrait.FUNCTION | SERVES | SERVES_HTTP | SERVES_ROOTS],
  ["worker", NodeTrait.WORKER_PLATFORM | SERVES | SERVES_HTTP],
  ["web", SERVES | SERVES_HTTP | SERVES_ROOTS | CALLS],
  ["api", SERVES | SERVES_HTTP | CALLS],
  ["api", SERVES | SERVES_RPC | SERVES_ROOTS],
  ["api", SERVES],
  ["api", SERVES | CONSUMES],
  ["worker", CONSUMES],
  ["worker", CONSUMES | CALLS],
  ["worker", CALLS],
  ["worker", NodeTrait.BEGINS],
  ["api", NodeTrait.BEGINS | SERVES],
  ["database", NodeTrait.DATABASE],
  ["database", NodeTrait.DATABASE | SERVES],
  ["cache", NodeTrait.CACHE],
  ["cache", NodeTrait.CACHE | NodeTrait.DATABASE],
  ["queue", NodeTrait.QUEUE],
  ["api", NodeTrait.QUEUE | SERVES],
  ["worker", NodeTrait.QUEUE | CONSUMES],
  ["user", NodeTrait.USER],
  ["external", NodeTrait.EXTERNAL],
  ["external", NodeTrait.EXTERNAL | CALLS],
  ["api", NodeTrait.EXTERNAL | SERVES],
])("nodeType() is %s for traits %i", (type, traits) => {
  expect(nodeType(traits)).toBe(type);
});

test("nodeType() is one of the types for any traits", () => {
  const all = Object.values(NodeTrait).reduce((sum, bit) => sum | bit, 0);
  fc.assert(fc.property(fc.integer({ min: 0, max: all }), (traits) => {
    expect(NODE_TYPES).toContain(nodeType(traits));
  }));
});

test("NodeTrait has one bit each", () => {
  const bits = Object.values(NodeTrait);
  expect(new Set(bits).size).toBe(bits.length);
  for (const bit of bits) expect(Math.log2(bit) % 1).toBe(0);
});
