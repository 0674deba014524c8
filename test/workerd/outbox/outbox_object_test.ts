import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import {
  MAX_WAITING_APPEND_BYTES,
  MAX_WAITING_APPENDS,
  type Outbox,
} from "../../../durable-objects/outbox.ts";
import { storedBytes } from "../../../src/outbox/received_request.ts";
import { requestOf } from "./outbox_trial.ts";

const LEAST_BYTES = storedBytes(requestOf(0));
const PART = 1024 * 1024;

/**
 * What becomes of requests of so many bytes, all there before the first is on
 * disk, in the words of its error or "taken".
 */
function appended(
  target: string,
  sizes: readonly number[],
): Promise<readonly string[]> {
  const identity = { tenant: "overload", target };
  const stub = env.OUTBOX.getByName(`overload/outbox/${target}`);
  return runInDurableObject(stub, async (outbox: Outbox) => {
    const settled = await Promise.allSettled(sizes.map((bytes, number) => {
      const request = requestOf(number, bytes - LEAST_BYTES + 8);
      expect(storedBytes(request)).toBe(bytes);
      return outbox.append({ request, refusal: null }, identity);
    }));
    const status = await outbox.status();
    const outcomes = settled.map((one) =>
      one.status === "fulfilled" ? "taken" : String(one.reason.name)
    );
    expect(status?.items)
      .toBe(outcomes.filter((outcome) => outcome === "taken").length);
    return outcomes;
  });
}

test("Outbox.append() lets MAX_WAITING_APPENDS wait and refuses one more", async () => {
  // The first is being written.
  const sizes = new Array<number>(1 + MAX_WAITING_APPENDS + 1)
    .fill(LEAST_BYTES);
  const outcomes = await appended("many", sizes);
  expect(outcomes.slice(0, -1).every((outcome) => outcome === "taken"))
    .toBe(true);
  expect(outcomes.at(-1)).toBe("OverloadedError");
});

test("Outbox.append() lets MAX_WAITING_APPEND_BYTES wait and refuses one byte more", async () => {
  const parts = new Array<number>(MAX_WAITING_APPEND_BYTES / PART - 1)
    .fill(PART);
  const sizes = [LEAST_BYTES, ...parts, PART + 1, PART, LEAST_BYTES];
  expect(await appended("large", sizes)).toEqual([
    "taken",
    ...parts.map(() => "taken"),
    "OverloadedError",
    "taken",
    "OverloadedError",
  ]);
});
