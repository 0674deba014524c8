import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { NO_KEY_LIMITS } from "../../../src/access/caller.ts";
import { encodeDeltaMessage } from "../../../src/aggregate/delta_message.ts";
import { admitServices } from "../../../src/directory/admit_services.ts";
import { MINUTE_S } from "../../../src/history/window_range.ts";
import {
  type NodeIdentity,
  virtualNode,
} from "../../../src/map/node_identity.ts";
import {
  type ConnectionType,
  emptyWindow,
  type ServiceWindow,
} from "../../../src/map/service_window.ts";
import { encodeWindow } from "../../../src/map/service_window_codec.ts";
import { SpanKind, StatusCode } from "../../../src/map/span_kind.ts";
import { edgeOf, operationOf } from "../../../src/map/window_entries.ts";
import { serviceAggregateName } from "../../../src/object_names.ts";
import {
  CONCURRENT_TOTALS,
  loadServiceTotals,
  SCRAPE_WAIT_MS,
  TOTALS_WAIT_MS,
} from "../../../src/service_metrics/load_service_totals.ts";
import { DEFAULT_GRAPH_BOUNDS } from "../../../src/service_metrics/bucket_bounds.ts";
import {
  parseExposition,
  type ReadFamily,
} from "../../telemetry/parse_exposition.ts";
import { ask, storedKey } from "../access/closed_service.ts";

beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

let tenants = 0;

/** Services of a tenant, each with what it did in this minute. */
async function tenantWith(
  services: readonly (readonly [NodeIdentity, ServiceWindow])[],
): Promise<string> {
  const tenant = `metrics ${++tenants}`;
  const caller = { tenant, keyId: "", operator: true, limits: NO_KEY_LIMITS };
  await admitServices({ ...env }, {
    caller,
    services: services.map(([service]) => service),
  });
  const nowS = Math.floor(Date.now() / 1000);
  for (const [service, window] of services) {
    await env.SERVICE_AGGREGATE.getByName(serviceAggregateName(tenant, service))
      .apply(encodeDeltaMessage({
        tenant,
        service,
        source: "shard",
        deltas: [{
          sequence: 1,
          minutes: [{
            startS: nowS - nowS % MINUTE_S,
            encoded: encodeWindow(window),
          }],
        }],
      }));
  }
  return tenant;
}

interface Call {
  readonly connectionType?: ConnectionType;
  readonly weight?: number;
  readonly failed?: boolean;
}

/** A minute with a call of 0.3 s. */
function windowOf(
  from: NodeIdentity,
  to: NodeIdentity,
  { connectionType = "", weight = 1, failed = false }: Call = {},
): ServiceWindow {
  const window = emptyWindow();
  const edge = edgeOf(window, {
    from,
    to,
    connectionType,
    system: "",
    destination: "",
  });
  edge.latency.record(3e8, weight);
  edge.client.record(4e8, weight);
  if (connectionType === "messaging_system") edge.queue.record(5e8, weight);
  if (failed) edge.failed += weight;
  operationOf(window, {
    name: "GET /",
    kind: SpanKind.SERVER,
    status: failed ? StatusCode.ERROR : StatusCode.OK,
  }).duration.record(3e8, weight);
  window.counters.spans = 1;
  return window;
}

async function metricsOf(
  tenant: string,
  bindings: Readonly<Record<string, unknown>> = {},
): Promise<Map<string, ReadFamily>> {
  const key = await storedKey({ tenant, scope: "read" });
  const answer = await ask("/metrics", { key: key.text, bindings });
  expect(answer.status).toBe(200);
  return parseExposition(await answer.text(), "text");
}

function edgesOf(families: ReadonlyMap<string, ReadFamily>): unknown {
  return Object.fromEntries(
    [...families.get("traces_service_graph_request_total")?.samples ?? []]
      .map(([labels, value]) => {
        const { client = "", server = "" } = JSON.parse(labels) as Record<
          string,
          string
        >;
        return [`${client} > ${server}`, value];
      }),
  );
}

const web = { namespace: "shop", name: "web", environment: "production" };
const cart = { namespace: "shop", name: "cart", environment: "production" };

test("GET /metrics tells edges with their labels, queues and sampled calls in whole numbers", async () => {
  const tenant = await tenantWith([
    [web, windowOf(web, cart, { weight: 10 / 3, failed: true })],
    [
      { ...web, environment: "test" },
      windowOf({ ...web, environment: "test" }, {
        ...cart,
        environment: "test",
      }),
    ],
    [cart, windowOf(cart, cart, { connectionType: "messaging_system" })],
  ]);
  const families = await metricsOf(tenant);
  const labels = {
    client: "web",
    server: "cart",
    connection_type: "",
    client_service_namespace: "shop",
    server_service_namespace: "shop",
  };
  const queue = {
    ...labels,
    client: "cart",
    connection_type: "messaging_system",
  };
  function value(name: string, of: object): number | undefined {
    return families.get(name)?.samples.get(JSON.stringify(of));
  }
  const graph = "traces_service_graph_request";
  expect(value(`${graph}_total`, labels)).toBe(4);
  expect(value(`${graph}_failed_total`, labels)).toBe(3);
  expect(value(`${graph}_total`, queue)).toBe(1);
  const server = `${graph}_server_seconds`;
  expect(value(server, { ...labels, le: "0.2" })).toBe(0);
  expect(value(server, { ...labels, le: "0.4" })).toBe(4);
  expect(value(server, { ...labels, of: "sum" })).toBeCloseTo(1.3, 5);
  expect(value(`${graph}_client_seconds`, { ...labels, le: "0.8" })).toBe(4);
  expect(value(`${graph}_messaging_system_seconds`, { ...queue, le: "0.8" }))
    .toBe(1);
  expect(value(`${graph}_messaging_system_seconds`, { ...labels, of: "sum" }))
    .toBe(undefined);
  const span = {
    service: "web",
    span_name: "GET /",
    span_kind: "SPAN_KIND_SERVER",
  };
  const calls = "traces_spanmetrics_calls_total";
  expect(value(calls, { ...span, status_code: "STATUS_CODE_ERROR" })).toBe(3);
  expect(value(calls, { ...span, status_code: "STATUS_CODE_OK" })).toBe(1);
  expect([
    ...families.get("tracecore_scraped_services")?.samples.values() ?? [],
  ])
    .toEqual([3, 0]);
});

test("GET /metrics of a tenant has nothing of another one", async () => {
  await tenantWith([[web, windowOf(web, cart)]]);
  const tenant = await tenantWith([[cart, windowOf(cart, web)]]);
  expect(edgesOf(await metricsOf(tenant))).toEqual({ "cart > web": 1 });
});

/** The objects, one of which is not asked, but `totals` instead. */
function objectsWith(
  tenant: string,
  service: NodeIdentity,
  totals: () => Promise<never>,
): typeof env.SERVICE_AGGREGATE {
  const broken = serviceAggregateName(tenant, service);
  return new Proxy(env.SERVICE_AGGREGATE, {
    get(target, member) {
      if (member !== "getByName") return Reflect.get(target, member);
      return (name: string) =>
        name === broken ? { totals } : target.getByName(name);
    },
  });
}

test.each([
  ["throws", () => Promise.reject(new Error("The object is away"))],
  ["hangs", () => new Promise<never>(() => undefined)],
])(
  "GET /metrics is whole without a service whose object %s",
  async (_, totals) => {
    const db = virtualNode("db");
    const tenant = await tenantWith([
      [web, windowOf(web, cart)],
      [cart, windowOf(cart, db, { connectionType: "database" })],
    ]);
    const SERVICE_AGGREGATE = objectsWith(tenant, cart, totals);
    const startedMs = Date.now();
    const families = await metricsOf(tenant, { SERVICE_AGGREGATE });
    expect(Date.now() - startedMs).toBeLessThan(
      SCRAPE_WAIT_MS + TOTALS_WAIT_MS,
    );
    expect(edgesOf(families)).toEqual({ "web > cart": 1 });
    expect([
      ...families.get("tracecore_scraped_services")?.samples.values() ?? [],
    ])
      .toEqual([1, 1]);
    expect(edgesOf(await metricsOf(tenant)))
      .toEqual({ "web > cart": 1, "cart > db": 1 });
  },
);

test("loadServiceTotals() asks all services, and none when its time is over", async () => {
  const services = Array.from(
    { length: CONCURRENT_TOTALS + 1 },
    (_, at) => virtualNode(`service ${at}`),
  );
  const tenant = await tenantWith(
    services.map((service) => [service, windowOf(service, cart)]),
  );
  const asked = { tenant, bounds: DEFAULT_GRAPH_BOUNDS, nowMs: Date.now() };
  const all = await loadServiceTotals(env, asked);
  expect([all.answered, all.unanswered]).toEqual([services.length, 0]);
  expect(all.edges.map(({ key }) => key.client))
    .toEqual(services.map(({ name }) => name));
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  let calls = 0;
  const some = await loadServiceTotals(env, {
    ...asked,
    // The start, the first some, the others.
    clock: () => calls++ < 2 ? 0 : SCRAPE_WAIT_MS,
  });
  expect([some.answered, some.unanswered]).toEqual([CONCURRENT_TOTALS, 1]);
  expect(log).toHaveBeenCalledTimes(1);
});
