import { Command } from "commander";
import { tracecoreClient } from "../../client/client.ts";
import type { Cli, CommonOptions } from "../cli.ts";
import { connectionOf, usableKey } from "../connection.ts";
import { type Check, doctorChecks } from "../doctor_checks.ts";
import { EXIT_CODES } from "../exit_code.ts";
import { printable } from "../printable.ts";
import { show } from "../show.ts";
import type { Style } from "../style.ts";

interface Options extends CommonOptions {
  readonly ingestKey?: string;
}

/** `tracecore doctor` */
export function doctorCommand(cli: Cli): Command {
  return new Command("doctor")
    .description(
      "check address, clock and key, send a span and find it again; " +
        "ends with 1 where something is wrong",
    )
    .option(
      "--ingest-key <key>",
      "to send with, where --key is for reading (TRACECORE_INGEST_KEY)",
    )
    .action(async (_: object, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const connection = connectionOf(cli, options);
      const { url, key } = connection;
      const ingestKey = options.ingestKey ??
        cli.environment["TRACECORE_INGEST_KEY"];
      const checks = await doctorChecks({
        connection,
        client: tracecoreClient({ url, key }),
        sender: tracecoreClient({
          url,
          key: ingestKey === undefined
            ? key
            : usableKey(ingestKey, "--ingest-key"),
        }),
        nowMs: cli.nowMs,
        signal: cli.signal,
      });
      const isWell = checks.every(({ state }) => state !== "failed");
      if (!isWell) cli.exitCode = EXIT_CODES.unwell;
      show(cli, options, {
        answer: { ok: isWell, checks },
        text: (style) =>
          checks.map((check) => checkText(check, style)).join(""),
      });
    });
}

function checkText({ name, state, message, advice }: Check, style: Style) {
  const mark = {
    ok: style.green("✓"),
    failed: style.red("✗"),
    skipped: style.yellow("-"),
  }[state];
  return `${mark} ${style.bold(name)}: ${printable(message)}\n` +
    (advice === "" ? "" : `  → ${printable(advice)}\n`);
}
