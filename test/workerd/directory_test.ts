import { evictAllDurableObjects } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Bindings } from "../../src/bindings.ts";
import { MAX_SERVICES_PER_TENANT } from "../../src/directory/admit_ids.ts";
import {
  admitServices,
  MAX_REMEMBERED_SERVICES,
} from "../../src/directory/admit_services.ts";
import { listServices } from "../../src/directory/list_services.ts";
import { OVERFLOW_NAME } from "../../src/map/window_entries.ts";
import { nodeId, virtualNode } from "../../src/map/node_identity.ts";

const bindings: Bindings = { ...env };

test("admitServices() makes services known, whatever their names, and for good", async () => {
  const services = ["cart", "ünïcode 日本", "a/b@c", "x".repeat(256)].map(
    (name) => ({ namespace: "shop/ß", name, environment: "prod@1" }),
  );
  const refused = await admitServices(bindings, { tenant: "names", services });
  expect(refused.size).toBe(0);
  await evictAllDurableObjects();
  expect(await listServices(bindings, "names")).toEqual(services);
  expect(await listServices(bindings, "another tenant")).toEqual([]);
});

test("admitServices() refuses the service after the last that a tenant may have", async () => {
  const tenant = "full";
  const services = Array.from(
    { length: MAX_SERVICES_PER_TENANT },
    (_, at) => virtualNode(`service ${at} ${"名".repeat(40)}`),
  );
  expect((await admitServices(bindings, { tenant, services })).size).toBe(0);
  const more = virtualNode("one more");
  const refused = await admitServices(bindings, {
    tenant,
    services: [more, ...services.slice(0, 3)],
  });
  expect([...refused]).toEqual([nodeId(more)]);
  expect(await listServices(bindings, tenant))
    .toEqual([...services, virtualNode(OVERFLOW_NAME)]);
});

test("admitServices() refuses every service beyond the limit, however many at once", async () => {
  const tenant = "flood";
  const services = Array.from(
    { length: MAX_REMEMBERED_SERVICES + MAX_SERVICES_PER_TENANT + 1 },
    (_, at) => virtualNode(`service ${at}`),
  );
  const refused = await admitServices(bindings, { tenant, services });
  expect(refused.size).toBe(MAX_REMEMBERED_SERVICES + 1);
});
