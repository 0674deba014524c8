import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFile,
  glob,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
} from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { PROJECT_ROOT } from "./project_root.ts";

/** Everything that the bundle is made from. */
const INPUTS = [
  "src/**/*.{ts,js,sql,html,css}",
  "durable-objects/**/*.ts",
  "proto/generated/*.js",
  "package-lock.json",
  "tsconfig.json",
  "wrangler.toml",
];

/** What only runs on Node. */
const OTHERS = ["src/local/**", "src/gateway/**", "src/cli/**"];

/**
 * Keeps wrangler to itself: no metrics, no look for updates, no log files; and
 * the bundle the same, whoever builds it: a package may ask for NODE_ENV.
 */
export const QUIET_WRANGLER: Readonly<Record<string, string>> = {
  NODE_ENV: "production",
  FORCE_COLOR: "0",
  NO_COLOR: "1",
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_WRITE_LOGS: "false",
};

/** wrangler could not make the bundle; the message holds what it said. */
export class BundleError extends Error {
  override readonly name = "BundleError";
}

/**
 * Makes the bundle that `wrangler deploy` uploads, unless it is there already
 * and nothing that it is made from has changed.
 *
 * @returns The path of the bundle, `dist/worker.js`.
 * @throws {BundleError} Where wrangler refuses the sources.
 */
export async function productionBundle(): Promise<string> {
  const dist = join(PROJECT_ROOT, "dist");
  const bundle = join(dist, "worker.js");
  const mark = `//# inputs=${await digestOfInputs()}\n`;
  if (await endsWith(bundle, mark)) return bundle;
  await mkdir(dist, { recursive: true });
  const building = await mkdtemp(join(dist, "building-"));
  try {
    await runWrangler(["deploy", "--dry-run", "--outdir", building]);
    await appendFile(join(building, "worker.js"), mark);
    await rename(join(building, "worker.js.map"), `${bundle}.map`);
    await rename(join(building, "worker.js"), bundle);
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return bundle;
}

async function runWrangler(options: readonly string[]): Promise<void> {
  const wrangler = join(PROJECT_ROOT, "node_modules/wrangler/bin/wrangler.js");
  try {
    await promisify(execFile)(process.execPath, [wrangler, ...options], {
      cwd: PROJECT_ROOT,
      env: { ...process.env, ...QUIET_WRANGLER },
    });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as {
      stdout?: string;
      stderr?: string;
    };
    throw new BundleError(
      `Cannot build the bundle: wrangler ${options[0]} failed\n` +
        `${stdout}${stderr}`.trim(),
    );
  }
}

async function digestOfInputs(): Promise<string> {
  const files: string[] = [];
  for await (
    const file of glob(INPUTS, { cwd: PROJECT_ROOT, exclude: OTHERS })
  ) {
    files.push(file);
  }
  const digest = createHash("sha256");
  for (const file of files.sort()) {
    const content = await readFile(join(PROJECT_ROOT, file));
    digest.update(`${file}\0${content.byteLength}\0`).update(content);
  }
  return digest.digest("hex");
}

async function endsWith(file: string, mark: string): Promise<boolean> {
  try {
    return (await readFile(file, "utf8")).endsWith(mark);
  } catch {
    return false;
  }
}
