import { expect, test } from "vitest";
import { MAX_ORIGIN_LENGTH } from "../../src/access/origin.ts";
import {
  changedKeyBody,
  MAX_KEY_SERVICE_LENGTH,
  MAX_REQUESTS_PER_SECOND,
  MAX_SPANS_PER_SECOND,
} from "../../src/admin/key_body.ts";

function takes(body: unknown): boolean {
  return changedKeyBody.safeParse(body).success;
}

function origin(length: number): string {
  return "https://".padEnd(length, "a");
}

test("changedKeyBody takes rates up to their limits, and not one more", () => {
  const limits = [
    ["requests_per_second", MAX_REQUESTS_PER_SECOND],
    ["spans_per_second", MAX_SPANS_PER_SECOND],
  ] as const;
  for (const [field, most] of limits) {
    expect(takes({ [field]: most })).toBe(true);
    expect(takes({ [field]: most + 1 })).toBe(false);
    expect(takes({ [field]: 1 })).toBe(true);
    expect(takes({ [field]: 0 })).toBe(false);
    expect(takes({ [field]: 1.5 })).toBe(false);
    expect(takes({ [field]: null })).toBe(true);
  }
});

test("changedKeyBody takes texts up to their limits, and not one character more", () => {
  expect(takes({ services: ["s".repeat(MAX_KEY_SERVICE_LENGTH)] })).toBe(true);
  expect(takes({ services: ["s".repeat(MAX_KEY_SERVICE_LENGTH + 1)] }))
    .toBe(false);
  expect(takes({ origins: [origin(MAX_ORIGIN_LENGTH)] })).toBe(true);
  expect(takes({ origins: [origin(MAX_ORIGIN_LENGTH + 1)] })).toBe(false);
});
