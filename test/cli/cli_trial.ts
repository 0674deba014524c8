import { runCli } from "../../src/cli/run_cli.ts";
import type { ExitCode } from "../../src/cli/exit_code.ts";
import { temporaryFolder } from "../harness/temporary_folder.ts";

/** What a command line wrote, and what it ended with. */
export interface CliTrial {
  readonly exitCode: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a trial runs in; what is left out is that of a pipe. */
export interface CliTrialOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly isTTY?: boolean;
  readonly colours?: boolean;
  readonly signal?: AbortSignal;
  readonly nowMs?: () => number;
}

/** Runs a command line in this process, as somebody without a configuration. */
export async function tryCli(
  words: readonly string[],
  options: CliTrialOptions = {},
): Promise<CliTrial> {
  const { environment = {}, isTTY = false, colours = false } = options;
  let stdout = "";
  let stderr = "";
  const exitCode = await runCli(words, {
    terminal: {
      isTTY,
      colours,
      columns: 100,
      print: (text) => stdout += text,
      tell: (text) => stderr += text,
    },
    environment: { HOME: temporaryFolder(), ...environment },
    nowMs: options.nowMs ?? Date.now,
    signal: options.signal ?? new AbortController().signal,
    exitCode: 0,
  });
  return { exitCode, stdout, stderr };
}
