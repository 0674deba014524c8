import DataLoader from "dataloader";
import type { StoredAnomaly } from "../anomaly/anomaly_store.ts";
import {
  listAnomaliesOfServices,
  listOpenAnomalies,
} from "../anomaly/read_many_anomalies.ts";
import type { DriftReport } from "../correlation_report/drift_report_schema.ts";
import { readReports } from "../correlation_report/report_store.ts";
import type { Drift } from "../drift/drift.ts";
import {
  listDriftsOfResources,
  readDriftsById,
} from "../drift/read_many_drifts.ts";
import { loadWindows } from "../history/load_windows.ts";
import type { SourceWindow } from "../history/source_window.ts";
import { nodeId, type NodeIdentity } from "../map/node_identity.ts";
import type { AnsweredTrace } from "../query/answered_trace.ts";
import type { Asking } from "../query/asking.ts";
import { loadAnsweredTraces } from "../query/load_traces.ts";
import type { OpenAnomaly } from "../resources/resource_health.ts";
import type { MapView } from "./map_views.ts";
import type { QueryBudget } from "./query_budget.ts";

/** How many of what hangs on something are asked for. */
export interface Some<Key> {
  readonly of: Key;
  readonly limit: number;
}

/** The nodes of a service in a window. */
export interface ServiceWindows {
  readonly view: MapView;
  readonly services: readonly NodeIdentity[];
}

/**
 * What fields of many objects ask for, put together: each sort is asked for
 * once, however many objects there are.
 */
export class Loaders {
  readonly #asking: Asking;
  #openAnomalies: Promise<readonly OpenAnomaly[]> | null = null;

  /** The windows of services with their operations. */
  readonly operations: DataLoader<
    ServiceWindows,
    readonly SourceWindow[],
    string
  >;
  /** The newest events of a resource. */
  readonly driftsOfResource: DataLoader<
    Some<string>,
    readonly Drift[],
    string
  >;
  /** An event by its id; null where it is not kept. */
  readonly drift: DataLoader<string, Drift | null>;
  /** The stored report of an event by its id; null where there is none. */
  readonly report: DataLoader<string, DriftReport | null>;
  /** The newest anomalies of a service by its `nodeId`. */
  readonly anomaliesOfService: DataLoader<
    Some<string>,
    readonly StoredAnomaly[],
    string
  >;
  /** A trace with its spans by its id. */
  readonly trace: DataLoader<string, AnsweredTrace>;

  constructor(asking: Asking, budget: QueryBudget) {
    const { bindings: { DB }, tenant } = asking;
    this.#asking = asking;
    this.operations = new DataLoader(
      (asked: readonly ServiceWindows[]) => loadOperations(asking, asked),
      { cacheKeyFn: keyOfWindows },
    );
    this.driftsOfResource = someLoader((resourceIds, limit) =>
      listDriftsOfResources(DB, tenant, { resourceIds, limit })
    );
    this.anomaliesOfService = someLoader((services, limit) =>
      listAnomaliesOfServices(DB, tenant, { services, limit })
    );
    this.drift = keyedLoader((ids) => readDriftsById(DB, tenant, ids));
    this.report = keyedLoader((ids) => readReports(DB, tenant, ids));
    this.trace = new DataLoader<string, AnsweredTrace>(async (ids) => {
      budget.take("traces", ids.length);
      const traces = await loadAnsweredTraces(asking, ids);
      return traces;
    });
  }

  /** Forgets what was loaded. */
  clear(): void {
    this.operations.clearAll();
    this.driftsOfResource.clearAll();
    this.drift.clearAll();
    this.report.clearAll();
    this.anomaliesOfService.clearAll();
    this.trace.clearAll();
    this.#openAnomalies = null;
  }

  /** Which services have anomalies that last. */
  openAnomalies(): Promise<readonly OpenAnomaly[]> {
    const { bindings, tenant } = this.#asking;
    this.#openAnomalies ??= listOpenAnomalies(bindings.DB, tenant);
    return this.#openAnomalies;
  }
}

function keyedLoader<Value>(
  read: (ids: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
): DataLoader<string, Value | null> {
  return new DataLoader(async (ids: readonly string[]) => {
    const found = await read(ids);
    return ids.map((id) => found.get(id) ?? null);
  });
}

function someLoader<Value>(
  read: (
    keys: readonly string[],
    limit: number,
  ) => Promise<ReadonlyMap<string, readonly Value[]>>,
): DataLoader<Some<string>, readonly Value[], string> {
  return new DataLoader(async (asked: readonly Some<string>[]) => {
    // By limit: fields of one name and limit are one statement.
    const byLimit = new Map<number, ReadonlyMap<string, readonly Value[]>>();
    for (const [limit, some] of Map.groupBy(asked, (one) => one.limit)) {
      byLimit.set(limit, await read(some.map(({ of }) => of), limit));
    }
    return asked.map(({ of, limit }) => byLimit.get(limit)?.get(of) ?? []);
  }, { cacheKeyFn: ({ of, limit }) => `${limit} ${of}` });
}

async function loadOperations(
  { bindings, tenant }: Asking,
  asked: readonly ServiceWindows[],
): Promise<readonly (readonly SourceWindow[])[]> {
  const byView = Map.groupBy(asked, ({ view }) => view);
  const loaded = new Map<MapView, readonly SourceWindow[]>();
  for (const [view, some] of byView) {
    const services = new Map(
      some.flatMap((one) => one.services).map((one) => [nodeId(one), one]),
    );
    loaded.set(
      view,
      await loadWindows(bindings, {
        tenant,
        services: [...services.values()],
        ranges: view.ranges,
        operations: true,
      }),
    );
  }
  return asked.map(({ view, services }) => {
    const ids = new Set(services.map(nodeId));
    return (loaded.get(view) ?? [])
      .filter(({ service }) => ids.has(nodeId(service)));
  });
}

function keyOfWindows({ view, services }: ServiceWindows): string {
  const { startMs, endMs } = view.window;
  return `${startMs} ${endMs} ${services.map(nodeId).join(" ")}`;
}
