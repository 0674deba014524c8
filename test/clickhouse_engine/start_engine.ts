import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PROJECT_ROOT } from "../../src/local/project_root.ts";
import type { ClickHouseTarget } from "../../src/clickhouse/clickhouse_target.ts";

/** A real engine, as a server. */
export interface Engine {
  readonly target: ClickHouseTarget;
  readonly stop: () => Promise<void>;
}

/**
 * Starts ClickHouse's engine, in a zone that is not UTC.
 *
 * @throws {Error} Where Python or chdb is not there.
 */
export async function startEngine(python: string): Promise<Engine> {
  const child = spawn(
    python,
    [join(PROJECT_ROOT, "test", "clickhouse_engine", "engine.py")],
    {
      env: { ...process.env, TZ: "America/New_York" },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const failed = once(child, "error").then(([error]) => String(error));
  const port = await Promise.race([firstLine(child), failed]);
  if (!/^\d+$/.test(port)) {
    throw new Error(
      `Cannot start ClickHouse's engine with ${python}: install Python 3 and ` +
        `"pip install chdb==4.4.0", or set PYTHON to one that has it (${port})`,
    );
  }
  return {
    target: {
      name: "clickhouse",
      url: `http://127.0.0.1:${port}/`,
      user: "tester",
      password: "s3cret-pass",
      database: "otel",
      table: "otel_traces",
    },
    stop: async () => {
      const ended = once(child, "exit");
      child.kill();
      await ended;
    },
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) return "no output";
  for await (const line of createInterface({ input: child.stdout })) {
    return line;
  }
  return "it ended";
}
