import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { PROJECT_ROOT } from "../../src/local/project_root.ts";
import type { ServiceMap } from "../../src/query/service_map.ts";
import { startService } from "../harness/service.ts";
import { askMap } from "../truth/ask.ts";
import { COMPLETE_WITHIN_MS, settle } from "../truth/settle.ts";

test(
  "npm run demo fills the map of a started service until it is stopped",
  async () => {
    const service = await startService();
    onTestFinished(async () => void await service.stop());
    const demo = spawn(
      process.execPath,
      [join(PROJECT_ROOT, "src/local/demo.ts")],
      { env: { ...process.env, TRACECORE_URL: service.url } },
    );
    onTestFinished(() => void demo.kill("SIGKILL"));
    let errors = "";
    demo.stderr.setEncoding("utf8").on("data", (text) => errors += text);
    demo.stdout.resume();
    const ended = once(demo, "exit");

    const { differences } = await settle(
      async () => missing(await askMap(service.url, {})),
      { untilMs: Date.now() + COMPLETE_WITHIN_MS },
    );
    expect(differences).toEqual([]);
    demo.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
    expect(errors).toBe("");
  },
  60_000,
);

/** What the demo has to show, and the map does not yet. */
function missing({ nodes, edges }: ServiceMap): string[] {
  const types = new Set(nodes.map(({ type }) => type));
  const connections = new Set(
    edges.map(({ connection_type }) => connection_type),
  );
  const reported = nodes.filter(({ metadata }) => metadata.reported);
  return [
    ...["browser", "database", "cache", "queue", "external", "user"]
      .filter((type) => !types.has(type as typeof nodes[number]["type"])),
    ...["", "messaging_system", "database", "virtual_node"].filter((type) =>
      !connections.has(type as typeof edges[number]["connection_type"])
    ),
    ...reported.length >= 8 ? [] : [`Only ${reported.length} services`],
    ...edges.some(({ error_count }) => error_count > 0) ? [] : ["errors"],
  ];
}
