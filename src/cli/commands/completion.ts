import { Argument, Command } from "commander";
import type { Cli } from "../cli.ts";
import { completionScript, type Shell, SHELLS } from "../completion_script.ts";

/** `tracecore completion bash|zsh|fish` */
export function completionCommand(cli: Cli, program: Command): Command {
  return new Command("completion")
    .description("print what completes commands and flags in a shell")
    .addArgument(new Argument("<shell>").choices(SHELLS))
    .action((shell: Shell) => {
      cli.terminal.print(completionScript(program, shell));
    });
}
