import type { ExitCode } from "./exit_code.ts";
import type { Terminal } from "./terminal.ts";

/** What a command runs in. */
export interface Cli {
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Now, ms since the epoch. */
  readonly nowMs: () => number;
  /** Ends what a command does: Ctrl-C. */
  readonly signal: AbortSignal;
  /** What the command ends with where it throws nothing; at first 0. */
  exitCode: ExitCode;
}

/** Options that every command takes. */
export interface CommonOptions {
  readonly url?: string;
  readonly key?: string;
  readonly config?: string;
  readonly json?: boolean;
  readonly output?: string;
}
