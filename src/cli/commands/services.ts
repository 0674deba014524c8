import { Command } from "commander";
import type { Cli, CommonOptions } from "../cli.ts";
import { connect } from "../connection.ts";
import {
  type NodeOptions,
  type WindowOptions,
  withNode,
  withWindow,
} from "../option_values.ts";
import { servicesText, serviceText } from "../service_text.ts";
import { show } from "../show.ts";

type Options = CommonOptions & WindowOptions & NodeOptions;

/** `tracecore services [name]` */
export function servicesCommand(cli: Cli): Command {
  return withNode(withWindow(new Command("services")))
    .description("list services with rate, errors and latency; or show one")
    .argument("[name]", "service to show with operations, callers, callees")
    .action(async (name: string | undefined, _: object, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const { start, end, namespace, environment } = options;
      const asked = {
        query: { start, end, namespace, environment },
        signal: cli.signal,
      };
      const client = connect(cli, options);
      if (name === undefined) {
        const answer = await client.call("GET /api/v1/services", asked);
        show(cli, options, {
          answer,
          warnings: answer.warnings,
          text: (style) => servicesText(answer, style),
        });
        return;
      }
      const answer = await client.call("GET /api/v1/services/{name}", {
        ...asked,
        path: { name },
      });
      show(cli, options, {
        answer,
        warnings: answer.warnings,
        text: (style) => serviceText(answer, style),
      });
    });
}
