import { access, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { inflate } from "@sparticuz/chromium";
import { type Browser, chromium } from "playwright-core";

const SYSTEM_NAMES = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
] as const;

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
] as const;

interface Installation {
  readonly executablePath: string;
  readonly env: Record<string, string>;
}

/**
 * A headless Chromium: the system's where it has one, else the one that the
 * npm package `@sparticuz/chromium` brings, with the libraries it needs.
 *
 * @throws {Error} Where it does not start.
 */
export async function launchChromium(): Promise<Browser> {
  const { executablePath, env } = await systemChromium() ??
    await packagedChromium();
  return chromium.launch({
    executablePath,
    headless: true,
    args: [...ARGUMENTS],
    env: { ...process.env, ...env },
  });
}

async function systemChromium(): Promise<Installation | undefined> {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  for (const name of SYSTEM_NAMES) {
    for (const folder of folders) {
      const executablePath = join(folder, name);
      if (await exists(executablePath)) return { executablePath, env: {} };
    }
  }
  return undefined;
}

async function packagedChromium(): Promise<Installation> {
  const archives = join(
    dirname(fileURLToPath(import.meta.resolve("@sparticuz/chromium"))),
    "../bin",
  );
  const folder = join(archives, "unpacked");
  if (!await exists(folder)) await unpack(archives, folder);
  return {
    executablePath: join(folder, "chromium"),
    env: {
      LD_LIBRARY_PATH: join(folder, "al2023/lib"),
      FONTCONFIG_PATH: join(folder, "fonts"),
    },
  };
}

// The package unpacks into the folder for temporary files, and takes what it
// finds there for complete: so it gets one of its own, which is renamed only
// when all of it is there.
async function unpack(archives: string, folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const unfinished = await mkdtemp(`${folder}-`);
  const temporary = process.env["TMPDIR"];
  process.env["TMPDIR"] = unfinished;
  try {
    if (tmpdir() !== unfinished) {
      throw new Error(`Cannot unpack Chromium into "${unfinished}"`);
    }
    await Promise.all(
      ["chromium.br", "fonts.tar.br", "al2023.tar.br"].map((name) =>
        inflate(join(archives, name))
      ),
    );
  } finally {
    if (temporary === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = temporary;
  }
  try {
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true });
    // Another process was faster.
    if (!await exists(folder)) throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
