import { and, desc, eq, gte, lt, type SQL, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { Verdict } from "../correlation/drift_finding.ts";
import type { DriftPosition } from "../drift/drift_filter.ts";
import type { DriftReport } from "./drift_report_schema.ts";
import { correlationReport } from "./report_schema.ts";

/** Reports that a tenant keeps; those of the oldest changes go. */
export const MAX_REPORTS = 5000;
/** UTF-16 units of a report as it is stored; a longer one is cut to fewer services. */
export const MAX_REPORT_LENGTH = 512 * 1024;

/** Which reports are wanted. */
export interface ReportFilter {
  readonly verdict?: Verdict | undefined;
  /** Of changes from then on, and before then, ms since the epoch. */
  readonly startMs?: number | undefined;
  readonly endMs?: number | undefined;
  /** Those after this one, in the order of the list. */
  readonly after?: DriftPosition | undefined;
}

/** Stores a report in place of the one before. @throws What D1 threw. */
export async function writeReport(
  database: D1Database,
  tenant: string,
  report: DriftReport,
): Promise<void> {
  const db = drizzle(database);
  const row = {
    tenant,
    driftId: report.drift_event.id,
    verdict: report.verdict,
    timeMs: Date.parse(report.drift_event.timestamp),
    generatedMs: Date.parse(report.generated_at),
    body: fitting(report),
  };
  await db.batch([
    db.insert(correlationReport).values(row).onConflictDoUpdate({
      target: [correlationReport.tenant, correlationReport.driftId],
      set: row,
      setWhere: sql`excluded.generated_ms >= ${correlationReport.generatedMs}`,
    }),
    db.delete(correlationReport).where(and(
      eq(correlationReport.tenant, tenant),
      sql`(${correlationReport.timeMs}, ${correlationReport.driftId}) <= (
        SELECT time_ms, drift_id FROM ${correlationReport}
        WHERE tenant = ${tenant}
        ORDER BY time_ms DESC, drift_id DESC LIMIT 1 OFFSET ${MAX_REPORTS})`,
    )),
  ]);
}

/**
 * Stored reports, those of the newest changes first.
 *
 * @param limit How many, at the most.
 * @throws What D1 threw.
 */
export async function listReports(
  database: D1Database,
  tenant: string,
  { filter, limit }: { readonly filter: ReportFilter; readonly limit: number },
): Promise<DriftReport[]> {
  const rows = await drizzle(database)
    .select({ body: correlationReport.body })
    .from(correlationReport)
    .where(and(eq(correlationReport.tenant, tenant), ...conditions(filter)))
    .orderBy(
      desc(correlationReport.timeMs),
      desc(correlationReport.driftId),
    )
    .limit(limit);
  return rows.map(({ body }) => body);
}

/**
 * The stored reports of some changes, by one statement.
 *
 * @returns By the id of the change; those without one are not there.
 * @throws What D1 threw.
 */
export async function readReports(
  database: D1Database,
  tenant: string,
  driftIds: readonly string[],
): Promise<ReadonlyMap<string, DriftReport>> {
  const rows = await drizzle(database)
    .select({ id: correlationReport.driftId, body: correlationReport.body })
    .from(correlationReport)
    .where(and(
      eq(correlationReport.tenant, tenant),
      sql`${correlationReport.driftId} IN (SELECT value FROM json_each(${
        JSON.stringify(driftIds)
      }))`,
    ));
  return new Map(rows.map(({ id, body }) => [id, body]));
}

function conditions(
  { verdict, startMs, endMs, after }: ReportFilter,
): readonly (SQL | undefined)[] {
  const { timeMs, driftId } = correlationReport;
  return [
    verdict === undefined ? undefined : eq(correlationReport.verdict, verdict),
    startMs === undefined ? undefined : gte(timeMs, startMs),
    endMs === undefined ? undefined : lt(timeMs, endMs),
    after === undefined
      ? undefined
      : sql`(${timeMs}, ${driftId}) < (${after.timeMs}, ${after.id})`,
  ];
}

function fitting(report: DriftReport): DriftReport {
  let fits = report;
  while (
    fits.affected_services.length > 0 &&
    JSON.stringify(fits).length > MAX_REPORT_LENGTH
  ) {
    const half = Math.floor(fits.affected_services.length / 2);
    fits = {
      ...fits,
      affected_services: fits.affected_services.slice(0, half),
      warnings: [...report.warnings, `Only ${half} services are kept`],
    };
  }
  return fits;
}
