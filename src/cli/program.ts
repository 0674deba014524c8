import { Command } from "commander";
import { VERSION } from "../query/version.ts";
import type { Cli } from "./cli.ts";
import { anomaliesCommand } from "./commands/anomalies.ts";
import { completionCommand } from "./commands/completion.ts";
import { correlateCommand } from "./commands/correlate.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { driftCommand } from "./commands/drift.ts";
import { gatewayCommand } from "./commands/gateway.ts";
import { keysCommand } from "./commands/keys.ts";
import { queryCommand } from "./commands/query.ts";
import { resourcesCommand } from "./commands/resources.ts";
import { sendCommand } from "./commands/send.ts";
import { servicemapCommand } from "./commands/servicemap.ts";
import { servicesCommand } from "./commands/services.ts";
import { statusCommand } from "./commands/status.ts";
import { traceCommand } from "./commands/trace.ts";
import { watchCommand } from "./commands/watch.ts";
import { DEFAULT_URL } from "./connection.ts";

const AFTER_HELP = `
Environment:
  TRACECORE_URL     the service, where --url does not say
  TRACECORE_KEY     the key, where --key does not say
  TRACECORE_CONFIG  the file, where --config does not say
  NO_COLOR          no colours

Times are 15m, 1h30m, 2d ago, RFC 3339 (2026-01-31T12:00:00Z) or unix.

Ends with 0; 1 where it found something unwell; 2 where the command or a value
is wrong; 3 where nothing is there; 4 where the key may not; 5 where the service
cannot be reached; 70 after a fault; 130 after Ctrl-C.`;

/** The command line, whose commands run in `cli`. */
export function tracecoreProgram(cli: Cli): Command {
  const { terminal } = cli;
  const program = new Command("tracecore")
    .description(
      "Ask a TraceCore: its service map, its traces, what broke them.",
    )
    .version(VERSION)
    .option("--url <url>", `the service; ${DEFAULT_URL} where nothing says`)
    .option("--key <key>", "a key that may")
    .option("--config <file>", "a tracecore.yaml whose section tracecore says")
    .option("--json", "print the answer as JSON")
    .option("--output <file>", "write the answer to a file: .json")
    .addHelpText("after", AFTER_HELP);
  for (
    const command of [
      servicesCommand(cli),
      servicemapCommand(cli),
      queryCommand(cli),
      traceCommand(cli),
      correlateCommand(cli),
      watchCommand(cli),
      driftCommand(cli),
      anomaliesCommand(cli),
      resourcesCommand(cli),
      keysCommand(cli),
      statusCommand(cli),
      doctorCommand(cli),
      sendCommand(cli),
      gatewayCommand(cli),
      completionCommand(cli, program),
    ]
  ) program.addCommand(command);
  for (const command of allCommands(program)) {
    command.exitOverride().showHelpAfterError(
      `Try: ${pathOf(command)} --help`,
    ).configureOutput({
      writeOut: terminal.print,
      writeErr: terminal.tell,
      getOutHelpWidth: () => terminal.columns,
      getErrHelpWidth: () => terminal.columns,
      getOutHasColors: () => terminal.colours,
      getErrHasColors: () => false,
    });
  }
  return program;
}

function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

function pathOf(command: Command): string {
  const { parent } = command;
  return parent === null
    ? command.name()
    : `${pathOf(parent)} ${command.name()}`;
}
