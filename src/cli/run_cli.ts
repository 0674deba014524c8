import type { Cli } from "./cli.ts";
import { explainError } from "./explain_error.ts";
import { EXIT_CODES, type ExitCode } from "./exit_code.ts";
import { tracecoreProgram } from "./program.ts";

/**
 * Runs a command line to its end; never throws.
 *
 * @param words Without the program's name.
 */
export async function runCli(
  words: readonly string[],
  cli: Cli,
): Promise<ExitCode> {
  try {
    await tracecoreProgram(cli).parseAsync(words, { from: "user" });
    return cli.exitCode;
  } catch (error) {
    if (cli.signal.aborted) return EXIT_CODES.interrupted;
    const { text, exitCode } = explainError(error);
    cli.terminal.tell(text);
    return exitCode;
  }
}
