import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { temporaryFolder } from "../harness/temporary_folder.ts";

const READY_LIMIT_MS = 30_000;
const RETRY_MS = 100;

/** A real Prometheus that scrapes each second. */
export interface Prometheus {
  /** Without a slash at its end. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/**
 * Starts Prometheus on a free port.
 *
 * @param command Its program, or where it is.
 * @param target What it scrapes: `host:port`.
 * @throws {Error} Where there is no such program, or it does not start.
 */
export async function startPrometheus(
  command: string,
  target: string,
): Promise<Prometheus> {
  const folder = temporaryFolder();
  const config = join(folder, "prometheus.yml");
  const port = await freePort();
  await writeFile(
    config,
    `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: tracecore
    static_configs: [{ targets: ["${target}"] }]
`,
  );
  const child = spawn(command, [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, "data")}`,
    `--web.listen-address=127.0.0.1:${port}`,
    "--enable-feature=exemplar-storage",
    "--log.level=error",
  ], { stdio: ["ignore", "inherit", "inherit"] });
  const failed = once(child, "error").then(([error]) => {
    throw new Error(
      `Cannot start ${command}: install Prometheus (Debian: ` +
        `"apt-get install prometheus"), or set PROMETHEUS (${error})`,
    );
  });
  const url = `http://127.0.0.1:${port}`;
  await Promise.race([failed, ready(url, child)]);
  return {
    url,
    stop: async () => {
      const ended = once(child, "exit");
      child.kill();
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") {
    throw new Error("Cannot find a free port");
  }
  return address.port;
}

async function ready(url: string, child: ChildProcess): Promise<void> {
  const untilMs = Date.now() + READY_LIMIT_MS;
  for (;;) {
    const answer = await fetch(`${url}/-/ready`).catch(() => null);
    await answer?.body?.cancel();
    if (answer?.ok === true) return;
    if (child.exitCode !== null || Date.now() > untilMs) {
      child.kill();
      throw new Error(`Prometheus is not ready at ${url}`);
    }
    await delay(RETRY_MS);
  }
}
