import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { build } from "esbuild";
import { PROJECT_ROOT } from "../../src/local/project_root.ts";
import { temporaryFolder } from "./temporary_folder.ts";

/** What workerd runs. */
export interface WorkerdOptions {
  /** The Worker's file. */
  readonly entry: string;
  /** Its variables. */
  readonly variables: Readonly<Record<string, string>>;
  readonly v8Flags: readonly string[];
  /** Takes what workerd prints. */
  readonly print: (text: string) => void;
}

/** A workerd with one Worker, and nothing beside. */
export interface Workerd {
  /** Without a slash at its end. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts workerd itself, where Miniflare has no way to say what is asked of
 * V8.
 *
 * @throws {Error} Where it ends before it listens; the message holds what it
 * printed.
 */
export async function startWorkerd(options: WorkerdOptions): Promise<Workerd> {
  const folder = temporaryFolder();
  await build({
    entryPoints: [options.entry],
    bundle: true,
    format: "esm",
    target: "es2024",
    external: ["cloudflare:*"],
    outfile: join(folder, "worker.js"),
  });
  const configuration = join(folder, "workerd.capnp");
  writeFileSync(configuration, configurationOf(options));
  const child = spawn(
    workerdProgram(),
    ["serve", configuration, "--control-fd=3"],
    { stdio: ["ignore", "pipe", "pipe", "pipe"] },
  );
  process.once("exit", () => child.kill("SIGKILL"));
  const port = await portOf(child, options.print);
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/**
 * The program itself: what stands in its package's `bin` may be a script that
 * passes no descriptors on. Its package is Miniflare's.
 */
function workerdProgram(): string {
  const ofMiniflare = createRequire(import.meta.resolve("miniflare"));
  const { default: path } = ofMiniflare("workerd") as { default: string };
  return path;
}

function configurationOf({ v8Flags, variables }: WorkerdOptions): string {
  const bindings = Object.entries(variables).map(([name, text]) =>
    `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(text)})`
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  v8Flags = ${JSON.stringify(v8Flags)},
  services = [(name = "worker", worker = (
    modules = [(name = "worker.js", esModule = embed "worker.js")],
    compatibilityDate = ${deployed("compatibility_date")},
    compatibilityFlags = ${deployed("compatibility_flags")},
    bindings = [${bindings.join(", ")}]
  ))],
  sockets = [
    (name = "http", address = "127.0.0.1:0", http = (), service = "worker")
  ]
);
`;
}

/** A value of wrangler.toml; texts and lists are written alike in both. */
function deployed(name: string): string {
  const toml = readFileSync(join(PROJECT_ROOT, "wrangler.toml"), "utf8");
  const value = new RegExp(`^${name} = (.+)$`, "m").exec(toml)?.[1];
  if (value === undefined) throw new Error(`wrangler.toml has no ${name}`);
  return value;
}

async function portOf(
  child: ChildProcess,
  print: (text: string) => void,
): Promise<number> {
  let printed = "";
  function keep(text: string): void {
    printed += text;
  }
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", print).on("data", keep);
  }
  const control = child.stdio[3] as Readable;
  for await (const message of control.setEncoding("utf8")) {
    const port = /"event":"listen".*"port":(\d+)/.exec(String(message))?.[1];
    if (port === undefined) continue;
    child.stdout?.off("data", keep);
    child.stderr?.off("data", keep);
    return Number(port);
  }
  throw new Error(`Cannot start workerd: it ended\n${printed}`);
}
