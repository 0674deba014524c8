import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  EngineExporter,
  MAX_MINUTES_PER_EXPORT,
} from "../../../durable-objects/engine_exporter.ts";
import { engineExportSchema } from "../../../src/airdig/engine_export.ts";
import {
  exportDueMs,
  MAX_EXPORT_AGE_S,
} from "../../../src/airdig/export_window.ts";
import {
  ANNOUNCE_RETRY_MS,
  MinuteAnnouncer,
} from "../../../src/airdig/minute_announcer.ts";
import { directoryOf } from "../../../src/directory/directory_stub.ts";
import { writeHistory } from "../../../src/history/write_history.ts";
import { cutWindow } from "../../../src/history/window_parts.ts";
import { nodeId, virtualNode } from "../../../src/map/node_identity.ts";
import { emptyWindow } from "../../../src/map/service_window.ts";
import { encodeWindow } from "../../../src/map/service_window_codec.ts";
import { edgeOf } from "../../../src/map/window_entries.ts";
import {
  DEFAULT_TENANT,
  engineExporterName,
} from "../../../src/object_names.ts";
import { outboxOf } from "../../../src/outbox/outbox_stub.ts";
import { OutboxStore } from "../../../src/outbox/outbox_store.ts";

// To come: workerd sets no alarm before its own clock.
const NOW_S = (Math.floor(Date.now() / 86_400_000) + 2) * 86_400;
const ENGINE_URL = "http://engine.invalid/traces";
const service = virtualNode("web");
let trials = 0;

beforeEach(() => setClock(NOW_S));
afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await env.DB.exec("DELETE FROM bucket");
});

function setClock(nowS: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: nowS * 1000 });
}

/** A tenant with an exporter, as if ENGINE_URL were set, and one service. */
class ExportTrial {
  readonly tenant = `export-${++trials}`;
  readonly #of = { tenant: this.tenant, target: "engine" };

  async write(startS: number, requests = 1): Promise<void> {
    const asked = { ids: [nodeId(service)], keyId: "", maxServices: null };
    await directoryOf(env, this.tenant).admit(asked);
    const window = emptyWindow();
    const to = virtualNode("cart");
    const key = {
      from: service,
      to,
      connectionType: "",
      system: "",
      destination: "",
    } as const;
    edgeOf(window, key).latency.record(20e6, requests);
    const rows = cutWindow(encodeWindow(window)).map((part) => ({
      resolution: 60 as const,
      startS,
      revision: requests,
      ...part,
    }));
    const owner = { tenant: this.tenant, service };
    await writeHistory(env.DB, owner, { rows, hours: [], seen: null });
  }

  /** Runs in a new object on the same storage, as after a restart. */
  run<Result>(
    use: (object: EngineExporter, state: DurableObjectState) => Promise<Result>,
    { url = ENGINE_URL }: { readonly url?: string } = {},
  ): Promise<Result> {
    const stub = env.ENGINE_EXPORTER.getByName(engineExporterName(this.tenant));
    return runInDurableObject(stub, async (_, state) => {
      await state.storage.deleteAlarm();
      const object = new EngineExporter(state, { ...env, ENGINE_URL: url });
      return use(object, state);
    });
  }

  closed(firstS: number, lastS = firstS): Promise<number | null> {
    return this.run(async (object, state) => {
      await object.closed(this.tenant, { firstS, lastS });
      return state.storage.getAlarm();
    });
  }

  /** When the alarm comes again after this one, ms since the epoch. */
  alarm(options?: { readonly url?: string }): Promise<number | null> {
    return this.run(async (object, state) => {
      await object.alarm();
      return state.storage.getAlarm();
    }, options);
  }

  /** What the outbox has, as `requests a second, key`. */
  exported(): Promise<string[]> {
    return runInDurableObject(
      outboxOf(env, this.#of),
      async (object, { storage }) => {
        if (await object.status() === null) return [];
        const store = new OutboxStore(storage.sql);
        return Array.from(store.waitingUpTo(Infinity)).map((item) => {
          const body = store.request(item)?.body;
          const { edges } = engineExportSchema.parse(
            JSON.parse(new TextDecoder().decode(body)),
          );
          const requests = Math.round((edges[0]?.request_rate ?? 0) * 60);
          return `${requests} ${item.idempotencyKey}`;
        });
      },
    );
  }

  key(startS: number): string {
    return `tracecore/${this.tenant}/${startS}/0`;
  }
}

test("alarm() exports each minute once, when it is due, and no revision of it", async () => {
  const trial = new ExportTrial();
  const startS = NOW_S - 60;
  await trial.write(startS, 2);
  await trial.write(startS + 60, 3);
  expect(await trial.closed(startS, startS + 60)).toBe(exportDueMs(startS));
  expect(await trial.alarm()).toBe(exportDueMs(startS));
  expect(await trial.exported()).toEqual([]);
  setClock(exportDueMs(startS) / 1000);
  expect(await trial.alarm()).toBe(exportDueMs(startS + 60));
  expect(await trial.exported()).toEqual([`2 ${trial.key(startS)}`]);
  await trial.write(startS, 5);
  expect(await trial.closed(startS)).toBe(null);
  setClock(exportDueMs(startS + 60) / 1000);
  expect(await trial.alarm()).toBe(null);
  expect(await trial.exported())
    .toEqual([`2 ${trial.key(startS)}`, `3 ${trial.key(startS + 60)}`]);
});

test("alarm() exports MAX_MINUTES_PER_EXPORT minutes, and the others with the next", async () => {
  const trial = new ExportTrial();
  const firstS = NOW_S - 3600;
  const lastS = firstS + MAX_MINUTES_PER_EXPORT * 60;
  for (let startS = firstS; startS <= lastS; startS += 60) {
    await trial.write(startS);
  }
  await trial.closed(firstS, lastS);
  expect(await trial.alarm()).toBe(NOW_S * 1000);
  expect(await trial.exported()).toHaveLength(MAX_MINUTES_PER_EXPORT);
  expect(await trial.alarm()).toBe(null);
  expect(await trial.exported()).toHaveLength(MAX_MINUTES_PER_EXPORT + 1);
});

test("alarm() leaves out what is older than MAX_EXPORT_AGE_S, and begins with the first that it was told of", async () => {
  const trial = new ExportTrial();
  const oldS = NOW_S - MAX_EXPORT_AGE_S;
  for (const startS of [oldS - 60, oldS, oldS + 60]) await trial.write(startS);
  await trial.closed(oldS - 60, oldS + 60);
  await trial.alarm();
  expect(await trial.exported()).toEqual([`1 ${trial.key(oldS + 60)}`]);
  const young = new ExportTrial();
  for (const startS of [NOW_S - 600, NOW_S - 300]) await young.write(startS);
  await young.closed(NOW_S - 300);
  await young.alarm();
  expect(await young.exported()).toEqual([`1 ${young.key(NOW_S - 300)}`]);
});

test("alarm() tries again what failed, and goes on after it", async () => {
  const trial = new ExportTrial();
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  await trial.write(NOW_S - 300);
  await trial.closed(NOW_S - 300);
  await env.DB.exec("ALTER TABLE bucket RENAME TO away");
  expect(await trial.alarm()).toBeGreaterThan(NOW_S * 1000);
  expect(log.mock.calls.join()).toContain("engine_export_failed");
  await env.DB.exec("ALTER TABLE away RENAME TO bucket");
  expect(await trial.exported()).toEqual([]);
  expect(await trial.alarm()).toBe(null);
  expect(await trial.exported()).toEqual([`1 ${trial.key(NOW_S - 300)}`]);
});

test("alarm() exports nothing while ENGINE_URL is not set", async () => {
  const trial = new ExportTrial();
  await trial.write(NOW_S - 300);
  await trial.closed(NOW_S - 300);
  expect(await trial.alarm({ url: "" })).toBe(null);
  expect(await trial.exported()).toEqual([]);
});

test("MinuteAnnouncer tells of minutes alone, of `default` alone, and again what it could not tell", async () => {
  const told: unknown[] = [];
  let away = true;
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  const announcer = new MinuteAnnouncer({
    ...env,
    ENGINE_URL,
    // A namespace whose object cannot be reached, and then can.
    ENGINE_EXPORTER: {
      getByName: (name: string) => ({
        closed: (...minutes: unknown[]) => {
          if (away) return Promise.reject(new Error("as the test wants"));
          told.push([name, ...minutes]);
          return Promise.resolve();
        },
      }),
    } as unknown as typeof env.ENGINE_EXPORTER,
  });
  const row = (resolution: 60 | 3600, startS: number) => ({
    resolution,
    startS,
    part: 0,
    parts: 1,
    revision: 1,
    summary: new Uint8Array(),
    operations: new Uint8Array(),
  });
  await announcer.tell({ tenant: "other", service }, [row(60, 60)]);
  const owner = { tenant: DEFAULT_TENANT, service };
  await announcer.tell(owner, [row(3600, 0)]);
  expect(log).not.toHaveBeenCalled();
  await announcer.tell(owner, [row(60, 120), row(60, 180)]);
  expect(announcer.dueMs).toBe(NOW_S * 1000 + ANNOUNCE_RETRY_MS);
  away = false;
  await announcer.tell(owner, [row(60, 60)]);
  expect(announcer.dueMs).toBe(null);
  await announcer.tell(owner, []);
  expect(told).toEqual([
    [engineExporterName(DEFAULT_TENANT), DEFAULT_TENANT, {
      firstS: 60,
      lastS: 180,
    }],
  ]);
});
