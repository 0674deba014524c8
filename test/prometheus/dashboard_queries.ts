import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { PROJECT_ROOT } from "../../src/local/project_root.ts";

const dashboardSchema = z.object({
  panels: z.array(z.object({
    title: z.string(),
    type: z.string(),
    targets: z.optional(z.array(z.object({ expr: z.string() }))),
  })),
});

/** A query of a panel. */
export interface DashboardQuery {
  readonly panel: string;
  readonly query: string;
}

/** All queries of the dashboard, with Grafana's variables filled in. */
export function dashboardQueries(): readonly DashboardQuery[] {
  const text = readFileSync(
    join(PROJECT_ROOT, "src", "grafana", "tracecore.json"),
    "utf8",
  );
  return dashboardSchema.parse(JSON.parse(text)).panels
    .filter(({ type }) => type !== "row")
    .flatMap(({ title, targets = [] }) =>
      targets.map(({ expr }) => ({
        panel: title,
        query: expr.replaceAll(/\$__(rate_interval|range)/g, "1m")
          .replaceAll("$service", ".*"),
      }))
    );
}
