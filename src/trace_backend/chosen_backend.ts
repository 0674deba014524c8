import { drizzle } from "drizzle-orm/d1";
import { gt, lt, or } from "drizzle-orm";
import { accessKey } from "../access/key_schema.ts";
import type { Bindings } from "../bindings.ts";
import { DEFAULT_TENANT } from "../object_names.ts";
import { TENANT_MARK } from "../outbox/otlp_target.ts";
import { isClickHouse } from "../outbox/target.ts";
import type { Settings } from "../settings.ts";
import { clickhouseBackend } from "./clickhouse_backend.ts";
import { tempoBackend } from "./tempo_backend.ts";
import type { TraceBackend } from "./trace_backend.ts";

/** The store that a tenant's traces are asked from, beside the shards. */
export interface ChosenBackend {
  /** null: there is none, or none that may be asked. */
  readonly backend: TraceBackend | null;
  /** Why there is one that is not asked; null where none is left out. */
  readonly warning: string | null;
}

/**
 * The store behind the shards: Tempo, where it can be queried, or ClickHouse.
 *
 * One that holds the spans of all tenants together is asked only while there
 * is no tenant but `default`: a tenant must not see another's traces.
 *
 * @throws What D1 threw.
 */
export async function chosenBackend(
  bindings: Pick<Bindings, "DB">,
  { tenant, settings }: {
    readonly tenant: string;
    readonly settings: Pick<Settings, "tempoQuery" | "targets">;
  },
): Promise<ChosenBackend> {
  const { tempoQuery, targets } = settings;
  const nowMs = Date.now();
  if (tempoQuery?.orgId?.includes(TENANT_MARK) === true) {
    const backend = tempoBackend({ target: tempoQuery, tenant, nowMs });
    return { backend, warning: null };
  }
  const clickhouse = targets.find(isClickHouse);
  const backend = tempoQuery !== null
    ? tempoBackend({ target: tempoQuery, tenant, nowMs })
    : clickhouse === undefined
    ? null
    : clickhouseBackend(clickhouse);
  if (backend === null || await isOnlyTenant(bindings.DB, tenant)) {
    return { backend, warning: null };
  }
  const remedy = tempoQuery === null
    ? "ClickHouse cannot tell them apart"
    : `put ${TENANT_MARK} into TEMPO_TENANT`;
  return {
    backend: null,
    warning: `${backend.name} was not asked, for it holds the traces of ` +
      `several tenants: ${remedy}`,
  };
}

async function isOnlyTenant(db: D1Database, tenant: string): Promise<boolean> {
  if (tenant !== DEFAULT_TENANT) return false;
  const others = await drizzle(db).select({ tenant: accessKey.tenant })
    .from(accessKey)
    .where(or(
      lt(accessKey.tenant, DEFAULT_TENANT),
      gt(accessKey.tenant, DEFAULT_TENANT),
    ))
    .limit(1);
  return others.length === 0;
}
