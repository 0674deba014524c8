import { Command } from "commander";
import type { Cli, CommonOptions } from "../cli.ts";
import { connect } from "../connection.ts";
import { show } from "../show.ts";
import { traceText } from "../trace_text.ts";

/** `tracecore trace ID` */
export function traceCommand(cli: Cli): Command {
  return new Command("trace")
    .description("show one trace as a waterfall")
    .argument("<id>", "1 to 32 hex digits")
    .action(async (id: string, _: object, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions>();
      const answer = await connect(cli, options).call(
        "GET /api/v1/traces/{trace_id}",
        { path: { trace_id: id }, signal: cli.signal },
      );
      show(cli, options, {
        answer,
        warnings: answer.warnings,
        text: (style) => traceText(answer, style, cli.terminal.columns),
      });
    });
}
