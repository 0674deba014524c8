import { evictAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import { type Caller, NO_KEY_LIMITS } from "../../src/access/caller.ts";
import type { Bindings } from "../../src/bindings.ts";
import {
  ADMISSION_MS,
  MAX_NEW_SERVICES_PER_HOUR,
  MAX_SERVICES_PER_TENANT,
} from "../../src/directory/admit_ids.ts";
import {
  admitServices,
  callsOf,
  MAX_ASKED_SERVICES,
  MAX_NAMES_PER_CALL_LENGTH,
  REFUSAL_MS,
} from "../../src/directory/admit_services.ts";
import { listServices } from "../../src/directory/list_services.ts";
import { MAX_REMEMBERED_SERVICES } from "../../src/directory/remembered_answers.ts";
import { OVERFLOW_NAME } from "../../src/map/window_entries.ts";
import { nodeId, virtualNode } from "../../src/map/node_identity.ts";
import { directoryName } from "../../src/object_names.ts";

const bindings: Bindings = { ...env };

function callerOf(tenant: string, keyId = ""): Caller {
  return { tenant, keyId, operator: keyId === "", limits: NO_KEY_LIMITS };
}

function named(prefix: string, length: number) {
  return Array.from({ length }, (_, at) => virtualNode(`${prefix}${at}`));
}

test("admitServices() makes services known, whatever their names, and for good", async () => {
  const services = ["cart", "ünïcode 日本", "a/b@c", "x".repeat(256)].map(
    (name) => ({ namespace: "shop/ß", name, environment: "prod@1" }),
  );
  const caller = callerOf("names");
  const refused = await admitServices(bindings, { caller, services });
  expect(refused.size).toBe(0);
  await evictAllDurableObjects();
  expect(await listServices(bindings, "names")).toEqual(services);
  expect(await listServices(bindings, "another tenant")).toEqual([]);
});

test("admitServices() refuses the service after the last that a tenant may have", async () => {
  const tenant = "full";
  const caller = callerOf(tenant);
  const services = named("名".repeat(40), MAX_SERVICES_PER_TENANT);
  expect((await admitServices(bindings, { caller, services })).size).toBe(0);
  const more = virtualNode("one more");
  const refused = await admitServices(bindings, {
    caller,
    services: [more, ...services.slice(0, 3)],
  });
  expect([...refused]).toEqual([[nodeId(more), "tenant"]]);
  await evictAllDurableObjects();
  expect(await listServices(bindings, tenant))
    .toEqual([...services, virtualNode(OVERFLOW_NAME)]);
});

test("admitServices() refuses every service beyond the limit, however many at once", async () => {
  const caller = callerOf("flood");
  const services = named(
    "service ",
    MAX_REMEMBERED_SERVICES + MAX_SERVICES_PER_TENANT + 1,
  );
  const refused = await admitServices(bindings, { caller, services });
  expect(refused.size).toBe(MAX_REMEMBERED_SERVICES + 1);
});

test("admitServices() asks about MAX_ASKED_SERVICES of a request, and of no more", async () => {
  const caller = callerOf("asked", "key");
  const junk = named("junk ", MAX_ASKED_SERVICES);
  const last = virtualNode("last");
  const refused = await admitServices(bindings, {
    caller,
    services: [...junk, last],
  });
  expect(refused.size).toBe(MAX_ASKED_SERVICES + 1 - MAX_NEW_SERVICES_PER_HOUR);
  expect(refused.get(`junk%20${MAX_ASKED_SERVICES - 1}`)).toBe("hour");
  expect(refused.get("last")).toBe("tenant");
});

test("admitServices() remembers a refusal for a minute, of the key that it is for", async () => {
  const nowMs = Math.ceil(Date.now() / ADMISSION_MS) * ADMISSION_MS;
  vi.useFakeTimers({ toFake: ["Date"], now: nowMs });
  try {
    const page = callerOf("hour", "page");
    const first = named("a", MAX_NEW_SERVICES_PER_HOUR);
    await admitServices(bindings, { caller: page, services: first });
    const services = [virtualNode("late")];
    const ask = async (
      caller: Caller,
    ) => [...await admitServices(bindings, { caller, services })];
    expect(await ask(page)).toEqual([["late", "hour"]]);
    expect(await ask(callerOf("hour", "other"))).toEqual([]);
    expect(await ask(page)).toEqual([]);
    const again = [virtualNode("again")];
    const askAgain = async () => [
      ...await admitServices(bindings, { caller: page, services: again }),
    ];
    vi.setSystemTime(nowMs + ADMISSION_MS - REFUSAL_MS / 2);
    expect(await askAgain()).toEqual([["again", "hour"]]);
    vi.setSystemTime(nowMs + ADMISSION_MS + REFUSAL_MS / 2 - 1);
    expect(await askAgain()).toEqual([["again", "hour"]]);
    vi.setSystemTime(nowMs + ADMISSION_MS + REFUSAL_MS / 2);
    expect(await askAgain()).toEqual([]);
  } finally {
    vi.useRealTimers();
  }
});

test("Directory reads what its first version stored, and keeps it", async () => {
  const tenant = "first version";
  const stub = env.DIRECTORY.getByName(directoryName(tenant));
  await runInDurableObject(
    stub,
    (_, { storage }) =>
      storage.put("data", { services: ["shop/cart@prod", OVERFLOW_NAME] }),
  );
  const cart = { namespace: "shop", name: "cart", environment: "prod" };
  const overflow = virtualNode(OVERFLOW_NAME);
  expect(await listServices(bindings, tenant)).toEqual([cart, overflow]);
  await evictAllDurableObjects();
  await admitServices(bindings, {
    caller: callerOf(tenant),
    services: [virtualNode("web")],
  });
  expect(await listServices(bindings, tenant))
    .toEqual([cart, virtualNode("web"), overflow]);
});

test("callsOf() puts MAX_NAMES_PER_CALL_LENGTH characters into a call, and one more into the next", () => {
  const half = "a".repeat(MAX_NAMES_PER_CALL_LENGTH / 2);
  expect([...callsOf([half, half, "b"])]).toEqual([[half, half], ["b"]]);
  expect([...callsOf([half, `${half}b`, "c"])])
    .toEqual([[half], [`${half}b`, "c"]]);
});
