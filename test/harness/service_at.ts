import { glob, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions as workerOptionsOf } from "wrangler";
import { applyMigrations } from "../../src/local/apply_migrations.ts";
import { productionBundle } from "../../src/local/production_bundle.ts";
import type { RuntimeLog } from "../../src/local/print_runtime_log.ts";
import { PROJECT_ROOT } from "../../src/local/project_root.ts";

/** What to start, and when. */
export interface ServiceAtOptions {
  /** Folder of the local storage. */
  readonly dataFolder: string;
  /** What the service takes for now when it starts, ms since the epoch. */
  readonly nowMs: number;
  /** The Worker's variables. */
  readonly variables: Readonly<Record<string, string>>;
}

/** A service in a time of its own. */
export interface ServiceAt {
  /** Without a slash at its end. */
  readonly url: string;
  /** Every fault and warning that it has logged. */
  faults(): readonly string[];
  stop(): Promise<void>;
}

/** What is used of the options that wrangler makes of wrangler.toml. */
interface WorkerOptions {
  readonly compatibilityDate: string;
  readonly d1Databases: Record<string, { id: string }>;
  readonly durableObjects: Record<string, { readonly className: string }>;
}

/**
 * Serves the production bundle on a data folder of any age as if it were
 * another time: the clock of the Worker and of the objects, and their alarms,
 * are set off by the same number of milliseconds, and all else is real.
 */
export async function startServiceAt(
  { dataFolder, nowMs, variables }: ServiceAtOptions,
): Promise<ServiceAt> {
  const bundle = await productionBundle();
  const { workerOptions } = workerOptionsOf(
    join(PROJECT_ROOT, "wrangler.toml"),
  ) as unknown as { workerOptions: WorkerOptions };
  const faults: string[] = [];
  const offline = {
    cf: false,
    log: new Log(LogLevel.ERROR),
    logRequests: false,
    resourcePersistencePath: dataFolder,
    telemetry: { enabled: false },
    unsafeLocalExplorer: false,
    handleStructuredLogs({ level, message }: RuntimeLog) {
      if (level === "error" || level === "warn") faults.push(message);
    },
  };
  await migrate(workerOptions, offline);
  const miniflare = new Miniflare(convertV4MiniflareOptions({
    ...workerOptions,
    ...offline,
    name: "tracecore",
    modules: [
      {
        type: "ESModule",
        path: join(PROJECT_ROOT, "dist/start.js"),
        contents: startModule(workerOptions),
      },
      {
        type: "ESModule",
        path: join(PROJECT_ROOT, "dist/clock.js"),
        contents: clockModule(nowMs - Date.now()),
      },
      {
        type: "ESModule",
        path: bundle,
        contents: await readFile(bundle, "utf8"),
      },
    ],
    bindings: { TRACECORE_OPEN: "true", ...variables },
    host: "127.0.0.1",
    port: 0,
  }));
  const { origin } = await miniflare.ready;
  return {
    url: origin,
    faults: () => faults.filter((line) => !line.startsWith("NOSENTRY")),
    stop: () => miniflare.dispose(),
  };
}

async function migrate(
  { compatibilityDate, d1Databases }: WorkerOptions,
  offline: object,
): Promise<void> {
  const folder = join(PROJECT_ROOT, "migrations");
  const files: string[] = [];
  for await (const file of glob("*.sql", { cwd: folder })) {
    files.push(basename(file));
  }
  const miniflare = new Miniflare(convertV4MiniflareOptions({
    ...offline,
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

function startModule({ durableObjects }: WorkerOptions): string {
  const classes = Object.values(durableObjects).map(({ className }) =>
    `export const ${className} = withAlarmsSetOff(worker.${className});`
  );
  return `
import { withAlarmsSetOff } from "./clock.js";
import * as worker from "./worker.js";
export { default } from "./worker.js";
${classes.join("\n")}
`;
}

/** Sets `Date` off, and the alarms, which the platform rings in real time. */
function clockModule(offsetMs: number): string {
  return `
const OFFSET_MS = ${offsetMs};
const RealDate = Date;
globalThis.Date = class Date extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(RealDate.now() + OFFSET_MS);
    else super(...parts);
  }
  static now() {
    return RealDate.now() + OFFSET_MS;
  }
};
const setOff = new WeakSet();
function setAlarmsOff(storage) {
  if (setOff.has(storage)) return;
  setOff.add(storage);
  const { setAlarm, getAlarm } = storage;
  storage.setAlarm = function (at, options) {
    return setAlarm.call(this, Number(at) - OFFSET_MS, options);
  };
  storage.getAlarm = async function (options) {
    const at = await getAlarm.call(this, options);
    return at === null ? null : at + OFFSET_MS;
  };
}
export function withAlarmsSetOff(Class) {
  return class extends Class {
    constructor(context, env) {
      setAlarmsOff(Object.getPrototypeOf(context.storage));
      super(context, env);
    }
  };
}
`;
}
