import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, inject, test, vi } from "vitest";
import { OPERATOR } from "../../../src/access/caller.ts";
import type { DeliverContext } from "../../../src/ingest/deliver.ts";
import {
  FORWARD_TIMEOUT_MS,
  type ForwardResult,
  forwardSpans,
  FULL_RETRY_AFTER_S,
} from "../../../src/outbox/forward.ts";
import type { OtlpTarget } from "../../../src/outbox/otlp_target.ts";
import type { OutboxStatus } from "../../../src/outbox/outbox_status.ts";
import { OutboxStore } from "../../../src/outbox/outbox_store.ts";
import { outboxOf } from "../../../src/outbox/outbox_stub.ts";
import { storedBytes } from "../../../src/outbox/received_request.ts";
import { readSettings } from "../../../src/settings.ts";
import { counterBook } from "../../../src/telemetry/counters.ts";
import type { SeenRequest } from "../../harness/seen_request.ts";
import { numberOf, requestOf } from "./outbox_trial.ts";

/** Forwards requests of a tenant of its own to targets that follow a script. */
class ForwardTrial {
  static #trials = 0;
  readonly tenant = `forward-${++ForwardTrial.#trials}`;
  readonly #targets: readonly OtlpTarget[];

  /** @param scripts What each target answers, by its name. */
  constructor(scripts: Readonly<Record<string, string>>) {
    this.#targets = Object.entries(scripts).map(([name, answers]) => ({
      name,
      url: `${this.#address(name)}?answers=${answers}`,
      headers: {},
      orgId: "org-{tenant}",
    }));
  }

  #address(target: string): string {
    return `${inject("targetUrl")}/${this.tenant}/${target}`;
  }

  forward(number: number): Promise<ForwardResult> {
    const context: DeliverContext = {
      bindings: { ...env },
      settings: {
        ...readSettings({ TRACECORE_OPEN: "true" }),
        targets: this.#targets,
      },
      caller: { ...OPERATOR, tenant: this.tenant },
    };
    return forwardSpans(requestOf(number), context);
  }

  /** What was posted to a target. */
  async seen(target = "tempo"): Promise<readonly SeenRequest[]> {
    const answer = await fetch(this.#address(target));
    return answer.json<SeenRequest[]>();
  }

  outbox(target = "tempo") {
    return outboxOf(env, { tenant: this.tenant, target });
  }

  async status(target?: string): Promise<OutboxStatus | null> {
    const status = await this.outbox(target).status();
    return status;
  }

  /** What was counted since the last time, without counts of other tenants. */
  counted(): Readonly<Record<string, number>> {
    const counts = counterBook.drain().get(this.tenant) ?? [];
    return Object.fromEntries(
      counts.map(({ counter, amount }) => [counter, amount]),
    );
  }
}

let logged: Record<string, unknown>[];

beforeEach(() => {
  logged = [];
  vi.spyOn(console, "error").mockImplementation((line: string) => {
    logged.push(JSON.parse(line));
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const TAKEN = { ok: true };

test("forwardSpans() gives a target that answers the request at once, and its outbox nothing", async () => {
  const trial = new ForwardTrial({ tempo: "200" });
  expect(await trial.forward(1)).toEqual(TAKEN);
  expect(await trial.seen()).toEqual([{
    contentType: "application/x-protobuf",
    orgId: `org-${trial.tenant}`,
    body: [...requestOf(1).body],
  }]);
  expect(await trial.status()).toBe(null);
  expect(trial.counted()).toEqual({ forwarded: 1 });
  expect(logged).toEqual([]);
});

test("forwardSpans() buries what a target refuses for good, and tries the next one at once", async () => {
  const trial = new ForwardTrial({ tempo: "400,200" });
  expect(await trial.forward(1)).toEqual(TAKEN);
  const [letter, ...more] = await trial.outbox().deadLetters(0, 10);
  expect(more).toEqual([]);
  expect(letter).toMatchObject({
    status: 400,
    reason: "The target answered with status 400: answer 1",
  });
  const request = await trial.outbox().deadLetter(letter?.id ?? 0);
  expect(request === null ? null : numberOf(request)).toBe(1);
  expect(await trial.status()).toMatchObject({ items: 0, deadLetters: 1 });
  expect(trial.counted()).toEqual({ forward_failures: 1, outbox_stored: 1 });
  expect(logged).toMatchObject([
    { event: "forward_failed", target: "tempo", tenant: trial.tenant },
  ]);
  expect(await trial.forward(2)).toEqual(TAKEN);
  expect((await trial.seen()).length).toBe(2);
  expect(trial.counted()).toEqual({ forwarded: 1 });
});

test("forwardSpans() stores, and leaves a target alone until its Retry-After is over", async () => {
  const trial = new ForwardTrial({ tempo: "503.7,200" });
  const beganMs = Date.now();
  const clock = vi.spyOn(Date, "now").mockReturnValue(beganMs);
  expect(await trial.forward(1)).toEqual(TAKEN);
  expect(trial.counted()).toEqual({ forward_failures: 1, outbox_stored: 1 });
  clock.mockReturnValue(beganMs + 6999);
  expect(await trial.forward(2)).toEqual(TAKEN);
  expect((await trial.seen()).length).toBe(1);
  expect(trial.counted()).toEqual({ outbox_stored: 1 });
  clock.mockReturnValue(beganMs + 7000);
  expect(await trial.forward(3)).toEqual(TAKEN);
  expect(await trial.forward(4)).toEqual(TAKEN);
  expect((await trial.seen()).length).toBe(3);
  expect(trial.counted()).toEqual({ forwarded: 2 });
  expect(await trial.status()).toMatchObject({ items: 2, deadLetters: 0 });
});

test("forwardSpans() stores what a target breaks the connection over", async () => {
  const trial = new ForwardTrial({ tempo: "reset" });
  expect(await trial.forward(1)).toEqual(TAKEN);
  expect(await trial.status()).toMatchObject({ items: 1, deadLetters: 0 });
  expect(trial.counted()).toEqual({ forward_failures: 1, outbox_stored: 1 });
});

test("forwardSpans() stores when FORWARD_TIMEOUT_MS are over, not before", async () => {
  const trial = new ForwardTrial({ tempo: "hang" });
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  let settled = false;
  const forwarding = trial.forward(1).finally(() => settled = true);
  while ((await trial.seen()).length === 0);
  await vi.advanceTimersByTimeAsync(FORWARD_TIMEOUT_MS - 1);
  await trial.seen();
  expect(settled).toBe(false);
  expect(trial.counted()).toEqual({});
  await vi.advanceTimersByTimeAsync(1);
  expect(await forwarding).toEqual(TAKEN);
  expect(trial.counted()).toEqual({ forward_failures: 1, outbox_stored: 1 });
  expect(await trial.status()).toMatchObject({ items: 1, deadLetters: 0 });
});

test("forwardSpans() says that an outbox is full, at its last byte and not before", async () => {
  const trial = new ForwardTrial({ tempo: "503.600", backup: "200" });
  expect(await trial.forward(1)).toEqual(TAKEN);
  trial.counted();
  const { outbox } = readSettings({ TRACECORE_OPEN: "true" });
  await runInDurableObject(trial.outbox(), (_, { storage }) => {
    const store = new OutboxStore(storage.sql);
    const bytes = outbox.maxBytes - storedBytes(requestOf(2));
    store.saveState({ ...store.state(), bytes });
  });
  expect(await trial.forward(2)).toEqual(TAKEN);
  expect(trial.counted()).toEqual({ forwarded: 1, outbox_stored: 1 });
  expect(await trial.forward(3)).toEqual({
    ok: false,
    reason: "Cannot take the spans: The outbox is full: it holds " +
      `${outbox.maxBytes} bytes of ${outbox.maxBytes} (OUTBOX_MAX_BYTES); ` +
      'target "tempo" has not taken what waits',
    retryAfterS: FULL_RETRY_AFTER_S,
  });
  expect(trial.counted()).toEqual({ forwarded: 1, outbox_refused: 1 });
  expect(await trial.status()).toMatchObject({ items: 2 });
  expect((await trial.seen("backup")).length).toBe(3);
});

test("forwardSpans() throws where an outbox does, once every other target has the request", async () => {
  const scripts = { broken: "503", backup: "200", tempo: "503" };
  const trial = new ForwardTrial(scripts);
  expect(await trial.forward(1)).toEqual(TAKEN);
  await runInDurableObject(trial.outbox("broken"), (_, { storage }) => {
    storage.sql.exec("DROP TABLE body_part");
  });
  let fault: unknown = null;
  try {
    await trial.forward(2);
  } catch (error) {
    fault = error;
  }
  expect(String(fault)).toContain("body_part");
  expect((await trial.seen("backup")).length).toBe(2);
  expect(await trial.status()).toMatchObject({ items: 2 });
  expect(await trial.status("broken")).toMatchObject({ items: 1 });
});

test("forwardSpans() has nothing to do without a target", async () => {
  expect(await new ForwardTrial({}).forward(1)).toEqual(TAKEN);
});
