import type { Bindings } from "./bindings.ts";
import { DEFAULT_TENANT } from "./object_names.ts";
import { pullGraph } from "./resources/pull_graph.ts";
import { readSettings } from "./settings.ts";

/**
 * What the platform's clock starts (`crons` in wrangler.toml): the graph is
 * pulled, whether or not anybody asks for it.
 *
 * @throws What D1 threw: the platform logs it, and the next time is soon.
 */
export async function runScheduled(
  bindings: Bindings,
  nowMs: number,
): Promise<void> {
  const { skygraph } = readSettings(bindings);
  if (skygraph !== null) {
    await pullGraph(bindings, { skygraph, tenant: DEFAULT_TENANT, nowMs });
  }
}
