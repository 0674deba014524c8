import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import { alertMessageSchema } from "../../../src/alerts/alert_message.ts";
import {
  MAX_EXPLAIN_ATTEMPTS,
  tellAnomaly,
} from "../../../src/alerts/tell_anomaly.ts";
import {
  readAnomaly,
  writeAnomaly,
} from "../../../src/anomaly/anomaly_store.ts";
import { directoryOf } from "../../../src/directory/directory_stub.ts";
import { outboxOf } from "../../../src/outbox/outbox_stub.ts";
import { OutboxStore } from "../../../src/outbox/outbox_store.ts";
import { readSettings } from "../../../src/settings.ts";
import { anomalyOf } from "../anomaly/anomaly_of.ts";

afterEach(() => vi.restoreAllMocks());

const settings = readSettings({
  WEBHOOK_URL: "http://webhook.invalid",
  SLACK_WEBHOOK_URL: "http://slack.invalid",
  ENGINE_URL: "http://engine.invalid",
});
let trials = 0;

/** A tenant with one anomaly, of a service that its directory may know. */
async function trialOf({ known }: { readonly known: boolean }) {
  const tenant = `tell-${++trials}`;
  const nowMs = Date.now();
  const startedMs = nowMs - 600_000;
  const anomaly = anomalyOf("slow", { startedMs });
  await writeAnomaly(env.DB, { anomaly, candidates: null }, { tenant, nowMs });
  if (known) {
    const asked = { ids: [anomaly.service], keyId: "", maxServices: null };
    await directoryOf(env, tenant).admit(asked);
  }
  return {
    tell: (id: string, attempts: number) =>
      tellAnomaly({ ...env }, { id, type: "anomaly.raised" }, {
        tenant,
        settings,
        nowMs,
        attempts,
        waitUntil: () => undefined,
      }),
    candidates: async () =>
      (await readAnomaly(env.DB, tenant, "slow"))?.candidates,
    /** The keys and bodies that wait for a target. */
    waiting: (target: string) =>
      runInDurableObject(
        outboxOf(env, { tenant, target }),
        async (object, { storage }) => {
          if (await object.status() === null) return [];
          const store = new OutboxStore(storage.sql);
          return Array.from(store.waitingUpTo(Infinity)).map((item) => ({
            key: item.idempotencyKey,
            body: JSON.parse(
              new TextDecoder().decode(store.request(item)?.body),
            ) as unknown,
          }));
        },
      ),
  };
}

test("tellAnomaly() stores candidates, and puts one message into the outbox of each webhook, not of the Engine", async () => {
  const { tell, waiting, candidates } = await trialOf({ known: true });
  await tell("slow", 0);
  expect(await candidates()).toEqual([]);
  const [webhook, ...others] = await waiting("webhook");
  expect(others).toEqual([]);
  expect(webhook?.key).toMatch(/^tracecore\/tell-\d+\/anomaly\.raised\/slow$/);
  expect(alertMessageSchema.parse(webhook?.body).anomaly.candidates)
    .toEqual([]);
  const slack = await waiting("slack");
  expect(slack).toMatchObject([{
    key: webhook?.key,
    body: { text: expect.stringContaining("cart → stock") },
  }]);
  expect(await waiting("engine")).toEqual([]);
});

test("tellAnomaly() tells of what it cannot explain all the same, at the last of MAX_EXPLAIN_ATTEMPTS", async () => {
  const { tell, waiting, candidates } = await trialOf({ known: false });
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  await expect(tell("slow", MAX_EXPLAIN_ATTEMPTS - 2))
    .rejects.toThrow("Cannot find a service");
  expect(await waiting("webhook")).toEqual([]);
  await tell("slow", MAX_EXPLAIN_ATTEMPTS - 1);
  expect(log.mock.calls.join()).toContain("anomaly_not_explained");
  expect(await waiting("webhook"))
    .toMatchObject([{ body: { anomaly: { candidates: null } } }]);
  expect(await candidates()).toBe(null);
});

test("tellAnomaly() tells nothing of an anomaly that is kept no longer", async () => {
  const { tell, waiting } = await trialOf({ known: true });
  await tell("another", 0);
  expect(await waiting("webhook")).toEqual([]);
});
