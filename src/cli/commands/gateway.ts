import { once } from "node:events";
import { Command } from "commander";
import type { Cli, CommonOptions } from "../cli.ts";
import { configFile } from "../connection.ts";

/** `tracecore gateway` */
export function gatewayCommand(cli: Cli): Command {
  return new Command("gateway")
    .description(
      "take OTLP/gRPC and OTLP/HTTP here, and pass it on to the service; " +
        "--config names a tracecore.yaml",
    )
    .action(async (_: object, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions>();
      const { url, key } = options;
      const { environment, terminal, signal } = cli;
      // No other command needs gRPC's packages: they would start later for them.
      const { runGateway } = await import("../../gateway/run_gateway.ts");
      const gateway = await runGateway({
        config: configFile(cli, options),
        url: url ?? null,
        key: key ?? null,
        environment,
        print: terminal.print,
      });
      if (!signal.aborted) await once(signal, "abort");
      await gateway.close();
    });
}
