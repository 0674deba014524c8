import { Command, Option } from "commander";
import { MAX_DEPTH } from "../../query/parameters.ts";
import type { Cli, CommonOptions } from "../cli.ts";
import { connect } from "../connection.ts";
import { mapDot } from "../map_dot.ts";
import { mapGraphml } from "../map_graphml.ts";
import { mapMermaid } from "../map_mermaid.ts";
import { mapText } from "../map_text.ts";
import {
  type NodeOptions,
  wholeNumber,
  type WindowOptions,
  withNode,
  withWindow,
} from "../option_values.ts";
import { show } from "../show.ts";

interface Options extends CommonOptions, WindowOptions, NodeOptions {
  readonly service?: string;
  readonly depth?: number;
  readonly direction?: string;
}

/** `tracecore servicemap` */
export function servicemapCommand(cli: Cli): Command {
  return withNode(withWindow(new Command("servicemap")))
    .description(
      "show which service calls which; --output takes .json, .dot, .mmd " +
        "(Mermaid) and .graphml",
    )
    .option("--service <name>", "the part of the map around this service")
    .option(
      "--depth <calls>",
      "how many calls away from it",
      wholeNumber(1, MAX_DEPTH),
    )
    .addOption(
      new Option("--direction <way>", "to its callers, to what it calls")
        .choices(["up", "down", "both"]),
    )
    .action(async (_: object, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const { start, end, namespace, environment } = options;
      const { service, depth, direction } = options;
      const window = { start, end, namespace, environment };
      const answer = await connect(cli, options).call(
        "GET /api/v1/servicemap",
        {
          query: { ...window, service, depth, direction },
          signal: cli.signal,
        },
      );
      show(cli, options, {
        answer,
        warnings: answer.warnings,
        text: (style) => mapText(answer, style),
        forms: {
          ".dot": () => mapDot(answer),
          ".graphml": () => mapGraphml(answer),
          ".mmd": () => mapMermaid(answer),
          ".mermaid": () => mapMermaid(answer),
        },
      });
    });
}
