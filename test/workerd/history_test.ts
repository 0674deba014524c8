import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { getTableConfig } from "drizzle-orm/sqlite-core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { HistoryRow } from "../../src/history/history_row.ts";
import {
  CONCURRENT_OBJECTS,
  type LoadRequest,
  loadWindows,
} from "../../src/history/load_windows.ts";
import {
  FIRST_PAGE_ROWS,
  HISTORY_PAGE_BYTES,
  type HistoryRequest,
  MAX_PAGE_ROWS,
  readHistory,
  type StoredWindow,
} from "../../src/history/read_history.ts";
import {
  type HistoryBindings,
  UnansweredError,
} from "../../src/history/read_object.ts";
import { bucket, hourSeries, service } from "../../src/history/schema.ts";
import { cutWindow, PART_BYTES } from "../../src/history/window_parts.ts";
import { readHours } from "../../src/history/read_hours.ts";
import { HISTORY_RETENTION_S } from "../../src/history/retention.ts";
import { DAY_S, HOUR_S, MINUTE_S } from "../../src/history/window_range.ts";
import { planRanges } from "../../src/history/window_ranges.ts";
import {
  MAX_STATEMENT_CHARACTERS,
  purgeHistory,
  writeHistory,
} from "../../src/history/write_history.ts";
import { isPassingFault } from "../../src/http/passing_fault.ts";
import { nodeId, virtualNode } from "../../src/map/node_identity.ts";
import type { EncodedWindow } from "../../src/map/service_window_codec.ts";
import { AggregateTrial, eventAt, NOW_S, setClock } from "./aggregate_trial.ts";

beforeEach(() => setClock(NOW_S));
afterEach(() => {
  vi.useRealTimers();
});

const SEEN = { traits: 1, firstSeenMs: 5, lastSeenMs: 9 };
const FIRST_S = NOW_S - NOW_S % DAY_S;

let tenants = 0;
function newTenant(): string {
  return `history ${++tenants}`;
}

function bytes(length: number, fill: number): Uint8Array {
  return new Uint8Array(length).fill(fill);
}

function rowsOf(
  startS: number,
  encoded: EncodedWindow,
  revision = 1,
): HistoryRow[] {
  return cutWindow(encoded)
    .map((part) => ({ resolution: MINUTE_S, startS, revision, ...part }));
}

async function readAll(
  tenant: string,
  options: Partial<HistoryRequest> = {},
): Promise<StoredWindow[]> {
  const windows: StoredWindow[] = [];
  const range = { resolution: MINUTE_S, fromS: 0, toS: 2 ** 33 } as const;
  const services = ["cart", "mail"];
  const request = { tenant, services, range, operations: true, ...options };
  for await (const window of readHistory(env.DB, request)) windows.push(window);
  return windows;
}

test("the schema is what the migrations make", async () => {
  for (const table of [bucket, hourSeries, service]) {
    const { name, columns, primaryKeys } = getTableConfig(table);
    const { results } = await env.DB.prepare(
      'SELECT name, type, "notnull", pk FROM pragma_table_info(?)',
    ).bind(name).all();
    const key = primaryKeys[0]?.columns.map((column) => column.name) ?? [];
    expect(results).toEqual(columns.map((column) => ({
      name: column.name,
      type: column.getSQLType().toUpperCase(),
      notnull: 1,
      pk: key.indexOf(column.name) + 1,
    })));
  }
});

test("writeHistory() changes nothing when it is repeated or overtaken", async () => {
  const owner = { tenant: newTenant(), service: virtualNode("cart") };
  const old = { summary: bytes(3, 1), operations: bytes(2, 1) };
  const now = { summary: bytes(4, 2), operations: bytes(1, 2) };
  const newer = { rows: rowsOf(FIRST_S, now, 2), hours: [], seen: SEEN };
  await writeHistory(env.DB, owner, newer);
  await writeHistory(env.DB, owner, newer);
  await writeHistory(env.DB, owner, {
    rows: rowsOf(FIRST_S, old),
    hours: [],
    seen: null,
  });
  const [window, ...others] = await readAll(owner.tenant);
  expect(window?.encoded).toEqual(now);
  expect(others).toEqual([]);
});

test("writeHistory() keeps each hour minute by minute once, the newest, as long as minutes; purgeHistory() deletes it with its hour", async () => {
  const owner = { tenant: newTenant(), service: virtualNode("cart") };
  const rows = rowsOf(FIRST_S, {
    summary: bytes(1, 1),
    operations: bytes(1, 1),
  });
  const services = [nodeId(owner.service)];
  const firstS = 1_000 * HOUR_S;
  async function write(startS: number, revision: number, body: Uint8Array) {
    const hours = [{ startS, revision, body }];
    await writeHistory(env.DB, owner, { rows, hours, seen: null });
  }
  async function stored() {
    const { tenant } = owner;
    const all = { tenant, services, fromS: 0, toS: 1e12 };
    const hours = await readHours(env.DB, all);
    return hours.map(({ startS, body }) => [startS, [...body]]);
  }
  await write(firstS, 2, bytes(3, 2));
  await write(firstS, 2, bytes(3, 2));
  await write(firstS, 1, bytes(2, 1));
  expect(await stored()).toEqual([[firstS, [2, 2, 2]]]);
  await write(firstS, 3, bytes(0, 0));
  expect(await stored()).toEqual([]);
  await write(firstS, 4, bytes(1, 4));
  const lastS = firstS + HISTORY_RETENTION_S[MINUTE_S];
  await write(lastS, 1, bytes(1, 5));
  expect(await stored()).toEqual([[firstS, [4]], [lastS, [5]]]);
  await write(lastS + HOUR_S, 1, bytes(1, 6));
  expect(await stored()).toEqual([[lastS, [5]], [lastS + HOUR_S, [6]]]);
  await purgeHistory(env.DB, owner, [
    { resolution: MINUTE_S, startsS: [lastS] },
    { resolution: HOUR_S, startsS: [lastS + HOUR_S] },
  ]);
  expect(await stored()).toEqual([[lastS, [5]]]);
});

test("writeHistory() writes a window that has fewer rows than before", async () => {
  const owner = { tenant: newTenant(), service: virtualNode("cart") };
  const large = { summary: bytes(2 * PART_BYTES, 1), operations: bytes(1, 1) };
  const small = { summary: bytes(7, 2), operations: bytes(1, 2) };
  await writeHistory(env.DB, owner, {
    rows: rowsOf(FIRST_S, large),
    hours: [],
    seen: SEEN,
  });
  expect((await readAll(owner.tenant))[0]?.encoded).toEqual(large);
  const rows = rowsOf(FIRST_S, small, 2);
  await writeHistory(env.DB, owner, { rows, hours: [], seen: SEEN });
  expect((await readAll(owner.tenant))[0]?.encoded).toEqual(small);
});

test("writeHistory() keeps the widest of what was seen of a service", async () => {
  const tenant = newTenant();
  const service = { namespace: "shop", name: "cart", environment: "prod" };
  const rows = rowsOf(FIRST_S, {
    summary: bytes(1, 1),
    operations: bytes(1, 1),
  });
  for (
    const seen of [
      { traits: 1, firstSeenMs: 5, lastSeenMs: 9 },
      { traits: 6, firstSeenMs: 7, lastSeenMs: 8 },
      { traits: 2, firstSeenMs: 4, lastSeenMs: 11 },
    ]
  ) await writeHistory(env.DB, { tenant, service }, { rows, hours: [], seen });
  const { results } = await env.DB.prepare(
    "SELECT * FROM service WHERE tenant = ?",
  ).bind(tenant).all();
  expect(results).toEqual([{
    tenant,
    service: "shop/cart@prod",
    ...service,
    traits: 7,
    first_seen_ms: 4,
    last_seen_ms: 11,
  }]);
});

test("writeHistory() begins a statement where MAX_STATEMENT_CHARACTERS is exceeded", async () => {
  const owner = { tenant: newTenant(), service: virtualNode("cart") };
  const batch = vi.spyOn(env.DB, "batch");
  async function statements(length: number): Promise<number> {
    const fixed = JSON.stringify([60, FIRST_S, 0, 1, 1, "", ""]).length;
    const first = { summary: bytes(PART_BYTES, 1), operations: bytes(0, 0) };
    const half = Math.floor(MAX_STATEMENT_CHARACTERS / 2) - fixed - PART_BYTES;
    const second = {
      summary: bytes(half + length, 1),
      operations: bytes(0, 0),
    };
    const rows = [first, second].flatMap((halves, at) => [
      {
        resolution: MINUTE_S,
        startS: FIRST_S + at * MINUTE_S,
        revision: 1,
        part: 0,
        parts: 1,
        ...halves,
      } as const,
    ]);
    await writeHistory(env.DB, owner, { rows, hours: [], seen: null });
    return batch.mock.lastCall?.[0].length ?? 0;
  }
  expect(await statements(0)).toBe(1);
  expect(await statements(1)).toBe(2);
  batch.mockRestore();
  expect(await readAll(owner.tenant)).toHaveLength(2);
});

test("readHistory() reads every window once, around the size of a page", async () => {
  for (
    const count of [
      FIRST_PAGE_ROWS - 1,
      FIRST_PAGE_ROWS,
      FIRST_PAGE_ROWS + 1,
      3 * FIRST_PAGE_ROWS,
      (FIRST_PAGE_ROWS + MAX_PAGE_ROWS) / 2,
      (FIRST_PAGE_ROWS + MAX_PAGE_ROWS) / 2 + 1,
    ]
  ) {
    const tenant = newTenant();
    const starts = Array.from({ length: count }, (_, at) => FIRST_S + at * 60);
    for (const name of ["cart", "mail"]) {
      const owner = { tenant, service: virtualNode(name) };
      const halves = { summary: bytes(9, 1), operations: bytes(5, 2) };
      const rows = starts.flatMap((startS) => rowsOf(startS, halves));
      await writeHistory(env.DB, owner, { rows, hours: [], seen: SEEN });
    }
    const windows = await readAll(tenant);
    expect(windows.map(({ startS, service }) => [startS, service]))
      .toEqual(
        starts.flatMap((startS) => [[startS, "cart"], [startS, "mail"]]),
      );
    expect(await readAll(tenant, { services: ["mail"] })).toHaveLength(count);
  }
});

test("readHistory() keeps windows of several rows whole across pages", async () => {
  const tenant = newTenant();
  const owner = { tenant, service: virtualNode("cart") };
  const sizes = [1, 3, 2, 5, 1, 9, 4];
  const starts = sizes.map((_, at) => FIRST_S + at * MINUTE_S);
  const halves = sizes.map((parts, at) => ({
    summary: bytes(parts * PART_BYTES, at),
    operations: bytes(PART_BYTES, at),
  }));
  for (const [at, encoded] of halves.entries()) {
    const rows = rowsOf(starts[at] ?? 0, encoded);
    await writeHistory(env.DB, owner, { rows, hours: [], seen: SEEN });
  }
  const total = sizes.reduce((sum, parts) => sum + parts, 0) * PART_BYTES;
  expect(total).toBeGreaterThan(HISTORY_PAGE_BYTES);
  const windows = await readAll(tenant);
  expect(windows.map(({ startS }) => startS)).toEqual(starts);
  for (const [at, { encoded }] of windows.entries()) {
    expect(sameBytes(encoded.summary, halves[at]?.summary)).toBe(true);
  }
  const summaries = await readAll(tenant, { operations: false });
  expect(summaries.map(({ encoded }) => "operations" in encoded))
    .toEqual(sizes.map(() => false));
});

function sameBytes(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && a.length === b.length &&
    a.every((byte, at) => byte === b[at]);
}

test("readHistory() refuses a window whose rows are not all there", async () => {
  const owner = { tenant: newTenant(), service: virtualNode("cart") };
  const large = { summary: bytes(2 * PART_BYTES, 1), operations: bytes(1, 1) };
  await writeHistory(env.DB, owner, {
    rows: rowsOf(FIRST_S, large),
    hours: [],
    seen: SEEN,
  });
  await env.DB.prepare("DELETE FROM bucket WHERE tenant = ? AND part = 1")
    .bind(owner.tenant).run();
  await expect(readAll(owner.tenant)).rejects.toThrow("fewer than its 2 rows");
});

test("readHistory() reads its range by the primary key alone", async () => {
  const prepare = vi.spyOn(env.DB, "prepare");
  await readAll(newTenant());
  const query = prepare.mock.lastCall?.[0] ?? "";
  prepare.mockRestore();
  const parameters = query.split("?").length - 1;
  const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${query}`)
    .bind(...Array.from({ length: parameters }, () => 0))
    .all<{ detail: string }>();
  const plan = results.map((row) => row.detail).join("\n");
  expect(plan).toContain(
    "SEARCH bucket USING PRIMARY KEY (tenant=? AND resolution=? AND",
  );
  expect(plan).not.toContain("TEMP B-TREE");
});

function requestOf(trial: AggregateTrial): LoadRequest {
  const { ranges } = planRanges(NOW_S - DAY_S, NOW_S + MINUTE_S, NOW_S);
  const { tenant, service } = trial;
  return {
    tenant,
    services: [service],
    ranges,
    operations: false,
  };
}

test("loadWindows() fails as a passing fault where an object does not answer", async () => {
  const trial = new AggregateTrial();
  await trial.send([eventAt(NOW_S)]);
  await runInDurableObject(trial.stub, (_, state) => {
    state.storage.sql.exec("ALTER TABLE pending RENAME TO away");
  });
  const fault = await loadWindows(env, requestOf(trial))
    .catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(UnansweredError);
  expect(isPassingFault(fault)).toBe(true);
});

/** The bindings, with a namespace whose objects are watched. */
function watched(
  read: (name: string, answer: () => Promise<unknown>) => Promise<unknown>,
): HistoryBindings {
  const namespace = {
    getByName: (name: string) => ({
      read: (request: Parameters<AggregateTrial["stub"]["read"]>[0]) =>
        read(
          name,
          () => env.SERVICE_AGGREGATE.getByName(name).read(request),
        ),
    }),
  };
  return {
    DB: env.DB,
    SERVICE_AGGREGATE: namespace as unknown as typeof env.SERVICE_AGGREGATE,
  };
}

test("loadWindows() asks an object again that was restarted, not one overloaded", async () => {
  const trial = new AggregateTrial();
  await trial.send([eventAt(NOW_S)]);
  for (
    const [marks, asked, answered] of [
      [{ retryable: true }, 2, true],
      [{ retryable: true, overloaded: true }, 1, false],
      [{}, 1, false],
    ] as const
  ) {
    let calls = 0;
    const bindings = watched((_, answer) =>
      ++calls === 1
        ? Promise.reject(Object.assign(new Error("restarted"), marks))
        : answer()
    );
    const loaded = await loadWindows(bindings, requestOf(trial))
      .catch(() => null);
    expect(calls).toBe(asked);
    expect(loaded?.length).toBe(answered ? 1 : undefined);
  }
});

test("loadWindows() asks at most CONCURRENT_OBJECTS at the same time", async () => {
  let running = 0;
  let most = 0;
  const bindings = watched(async (_, answer) => {
    most = Math.max(most, ++running);
    const page = await answer();
    running--;
    return page;
  });
  const trial = new AggregateTrial();
  const services = Array.from(
    { length: CONCURRENT_OBJECTS + 1 },
    (_, at) => virtualNode(`many ${at}`),
  );
  await loadWindows(bindings, { ...requestOf(trial), services });
  expect(most).toBe(CONCURRENT_OBJECTS);
  expect(running).toBe(0);
});

test("loadWindows() finds what D1 could not take for days", async () => {
  const trial = new AggregateTrial();
  await env.DB.exec("ALTER TABLE bucket RENAME TO away");
  try {
    await trial.send([eventAt(NOW_S)]);
    setClock(NOW_S + 3 * DAY_S);
    await runDurableObjectAlarm(trial.stub);
  } finally {
    await env.DB.exec("ALTER TABLE away RENAME TO bucket");
  }
  const loaded = await loadWindows(env, requestOf(trial));
  expect(loaded).toHaveLength(1);
});

test("loadWindows() keeps tenants and services apart", async () => {
  const trials = [new AggregateTrial(), new AggregateTrial()];
  for (const trial of trials) {
    await trial.send([eventAt(NOW_S), eventAt(NOW_S - 600)]);
    await runDurableObjectAlarm(trial.stub);
  }
  for (const trial of trials) {
    const loaded = await loadWindows(env, requestOf(trial));
    expect(loaded.map(({ service }) => nodeId(service)))
      .toEqual([trial.id, trial.id]);
    const request = { ...requestOf(trial), tenant: "another" };
    expect(await loadWindows(env, request)).toEqual([]);
  }
  const [first, second] = trials;
  if (first === undefined || second === undefined) return;
  const services = [first.service, second.service];
  expect(await loadWindows(env, { ...requestOf(first), services }))
    .toHaveLength(4);
  expect(await loadWindows(env, { ...requestOf(first), services: [] }))
    .toEqual([]);
});
