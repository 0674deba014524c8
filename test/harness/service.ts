import { type ChildProcess, spawn } from "node:child_process";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { PROJECT_ROOT } from "../../src/local/project_root.ts";
import { temporaryFolder } from "./temporary_folder.ts";

/** A start takes a few seconds; a build and a busy machine take longer. */
const READY_LIMIT_MS = 60_000;
/** A stop that takes longer than this is a fault. */
const STOP_LIMIT_MS = 10_000;

/** How to start the service. */
export interface ServiceOptions {
  /** Folder of the local storage. @default a new temporary one */
  readonly dataFolder?: string;
  /** Variables over PATH, HOME, HOST, PORT, GRPC_PORT (off) and TRACECORE_DATA. */
  readonly env?: Readonly<Record<string, string>>;
  /** @default 0, a free one */
  readonly port?: number;
  /** The command. @default what `npm start` runs */
  readonly command?: readonly [string, ...string[]];
}

/** How a service ended. */
export interface ServiceEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The service as a user runs it, in a process group of its own. */
export interface Service {
  /** Without a slash at its end. */
  readonly url: string;
  readonly port: number;
  readonly dataFolder: string;
  /** Of the process that was started. */
  readonly pid: number;
  /** What it has printed so far, both streams in the order of arrival. */
  output(): string;
  /** What it has printed to stderr so far. */
  errors(): string;
  /** SIGTERM, and waits for the end. Returns the end if it is over already. */
  stop(signal?: "SIGINT" | "SIGTERM"): Promise<ServiceEnd>;
  /** SIGKILL to every process of the service; the port is free afterwards. */
  kill(): Promise<void>;
}

/** What `npm start` runs, without npm. */
export const START_COMMAND: readonly [string, ...string[]] = [
  process.execPath,
  join(PROJECT_ROOT, "src/local/run.mjs"),
  join(PROJECT_ROOT, "src/local/start.ts"),
];

/**
 * Starts the service as `npm start` does and waits until it is ready.
 *
 * @throws {Error} Where it ends or is not ready within a minute; the message
 * holds what it printed.
 */
export async function startService(
  options: ServiceOptions = {},
): Promise<Service> {
  const dataFolder = options.dataFolder ?? temporaryFolder();
  const process = new ServiceProcess(options, dataFolder);
  const url = await process.ready();
  const port = Number(new URL(url).port);
  return {
    url,
    port,
    dataFolder,
    pid: process.pid,
    output: () => process.output,
    errors: () => process.errors,
    stop: (signal = "SIGTERM") => process.stop(signal),
    async kill() {
      await process.kill();
      await portIsFree(port);
    },
  };
}

/** Those that have to be ended if this process ends first. */
const started = new Set<ServiceProcess>();
process.once("exit", () => {
  for (const service of started) service.signalGroup("SIGKILL");
});

class ServiceProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<ServiceEnd>;
  #end: ServiceEnd | undefined;
  output = "";
  errors = "";

  constructor(
    { command = START_COMMAND, env = {}, port = 0 }: ServiceOptions,
    dataFolder: string,
  ) {
    const [program, ...programArguments] = command;
    const { PATH = "", HOME = "", TMPDIR } = process.env;
    const child = spawn(program, programArguments, {
      cwd: PROJECT_ROOT,
      detached: true,
      env: {
        PATH,
        HOME,
        ...TMPDIR === undefined ? {} : { TMPDIR },
        HOST: "127.0.0.1",
        PORT: String(port),
        GRPC_PORT: "off",
        TRACECORE_DATA: dataFolder,
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.output += text;
      this.errors += text;
    });
    this.#ended = new Promise((resolve) => {
      child.once("error", (error) => {
        this.output += String(error);
        resolve({ code: null, signal: null });
      });
      child.once("exit", (code, signal) => resolve({ code, signal }));
    });
    void this.#ended.then((end) => this.#end = end);
    started.add(this);
    child.once("exit", () => started.delete(this));
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** Returns the URL that the service prints once it is ready. */
  async ready(): Promise<string> {
    const deadline = Date.now() + READY_LIMIT_MS;
    for (;;) {
      const url = /listens on (http:\/\/\S+)/.exec(this.output)?.[1];
      if (url !== undefined) return url;
      if (this.#end !== undefined) {
        throw new Error(`Cannot start the service: it ended\n${this.output}`);
      }
      if (Date.now() > deadline) {
        await this.kill();
        throw new Error(`Cannot start the service in time\n${this.output}`);
      }
      await delay(20);
    }
  }

  async stop(signal: "SIGINT" | "SIGTERM"): Promise<ServiceEnd> {
    this.#child.kill(signal);
    const end = await Promise.race([
      this.#ended,
      delay(STOP_LIMIT_MS, undefined, { ref: false }),
    ]);
    if (end !== undefined) return end;
    await this.kill();
    throw new Error(`Cannot stop the service in time\n${this.output}`);
  }

  async kill(): Promise<void> {
    this.signalGroup("SIGKILL");
    await this.#ended;
  }

  signalGroup(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch {
      // Nothing of the group is left.
    }
  }
}

/** Waits until nobody listens on a port of this machine. */
export async function portIsFree(port: number): Promise<void> {
  const deadline = Date.now() + STOP_LIMIT_MS;
  while (await answers(port)) {
    if (Date.now() > deadline) {
      throw new Error(`Cannot wait any longer for port ${port} to become free`);
    }
    await delay(20);
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
