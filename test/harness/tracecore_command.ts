import { spawn } from "node:child_process";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../src/local/project_root.ts";
import { temporaryFolder } from "./temporary_folder.ts";

/** The built command line. */
export const TRACECORE = join(PROJECT_ROOT, "dist/tracecore.js");

/** How a command ended, and what it wrote. */
export interface CommandEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface RunningCommand {
  readonly ended: Promise<CommandEnd>;
  /** What it has written so far. */
  stdout(): string;
  kill(signal: NodeJS.Signals): void;
}

/** Starts the built command line as a user without a configuration. */
export function startTracecore(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): RunningCommand {
  const child = spawn(process.execPath, [TRACECORE, ...words], {
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: temporaryFolder(),
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => stdout += text);
  child.stderr.setEncoding("utf8").on("data", (text: string) => stderr += text);
  const ended = new Promise<CommandEnd>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
  return {
    ended,
    stdout: () => stdout,
    kill: (signal) => child.kill(signal),
  };
}

/** Runs the built command line to its end. */
export function runTracecore(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<CommandEnd> {
  return startTracecore(words, environment).ended;
}
