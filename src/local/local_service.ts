import { glob, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions as workerOptionsOf } from "wrangler";
import { readSettings, type Settings } from "../settings.ts";
import { applyMigrations } from "./apply_migrations.ts";
import { freePort } from "./free_port.ts";
import { holdDataFolder } from "./hold_data_folder.ts";
import type { LocalOptions } from "./local_options.ts";
import { printRuntimeLog } from "./print_runtime_log.ts";
import { productionBundle } from "./production_bundle.ts";
import { PROJECT_ROOT } from "./project_root.ts";
import { runScheduledWork, SCHEDULE_MS } from "./run_scheduled_work.ts";

/** The production bundle, served from this machine. */
export interface LocalService {
  /** Without a slash at its end. */
  readonly url: string;
  /** What the Worker makes of its variables. */
  readonly settings: Settings;
}

/** What a local service is started with. */
export interface LocalServiceOptions extends LocalOptions {
  /** The Worker's variables, over those of wrangler.toml and .dev.vars. */
  readonly variables: Readonly<Record<string, string>>;
}

/** What is used of the options that wrangler makes of wrangler.toml. */
interface WorkerOptions {
  readonly compatibilityDate: string;
  readonly bindings: Readonly<Record<string, string>>;
  readonly d1Databases: Record<string, { id: string }>;
}

/**
 * Serves the production bundle in workerd with local storage, after applying
 * the migrations. The bindings are those of wrangler.toml. It ends with this
 * process.
 *
 * @throws {SettingsError} Where a variable has a value that it cannot have.
 * @throws {DataFolderError} Where the folder cannot be used.
 * @throws {PortTakenError} Where the port is still taken after PORT_WAIT_MS.
 * @throws {BundleError} Where the bundle cannot be built.
 */
export async function startLocalService(
  options: LocalServiceOptions,
): Promise<LocalService> {
  const workerOptions = readWorkerOptions();
  const bindings = { ...workerOptions.bindings, ...options.variables };
  const settings = readSettings(bindings);
  await freePort(options, "end it, or set PORT to another one");
  await holdDataFolder(options.dataFolder);
  const bundle = await productionBundle();
  await migrate(options, workerOptions);
  const miniflare = new Miniflare(convertV4MiniflareOptions({
    ...workerOptions,
    ...offline(options.dataFolder),
    name: "tracecore",
    modules: [{
      type: "ESModule",
      path: bundle,
      contents: await readFile(bundle, "utf8"),
    }],
    bindings,
    host: options.host,
    port: options.port,
  }));
  const { port } = await miniflare.ready;
  runScheduledWork(miniflare, SCHEDULE_MS);
  return { url: `http://${forUrl(options.host)}:${port}`, settings };
}

function readWorkerOptions(): WorkerOptions {
  const configuration = join(PROJECT_ROOT, "wrangler.toml");
  return workerOptionsOf(configuration)
    .workerOptions as unknown as WorkerOptions;
}

/** In an instance of its own, so that no object runs before its tables exist. */
async function migrate(
  { dataFolder }: LocalServiceOptions,
  { compatibilityDate, d1Databases }: WorkerOptions,
): Promise<void> {
  const folder = join(PROJECT_ROOT, "migrations");
  const files: string[] = [];
  for await (const file of glob("*.sql", { cwd: folder })) {
    files.push(basename(file));
  }
  const miniflare = new Miniflare(convertV4MiniflareOptions({
    ...offline(dataFolder),
    name: "migrations",
    modules: true,
    script: "export default {};",
    compatibilityDate,
    d1Databases,
  }));
  try {
    const database = await miniflare.getD1Database("DB");
    await applyMigrations(database, { folder, files });
  } finally {
    await miniflare.dispose();
  }
}

/** Everything on this machine: nothing is fetched, reported or registered. */
function offline(dataFolder: string) {
  return {
    cf: false,
    handleStructuredLogs: printRuntimeLog,
    log: new Log(LogLevel.ERROR),
    logRequests: false,
    resourcePersistencePath: dataFolder,
    telemetry: { enabled: false },
    unsafeLocalExplorer: false,
  };
}

function forUrl(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
