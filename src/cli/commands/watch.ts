import { setTimeout as delay } from "node:timers/promises";
import { Command } from "commander";
import type { TracecoreClient } from "../../client/client.ts";
import type { Cli, CommonOptions } from "../cli.ts";
import { connect } from "../connection.ts";
import { EXIT_CODES } from "../exit_code.ts";
import { explainError } from "../explain_error.ts";
import { clockText } from "../figure_text.ts";
import {
  durationMs,
  type NodeOptions,
  wholeNumber,
  withNode,
} from "../option_values.ts";
import { servicesText } from "../service_text.ts";
import { styleOf } from "../style.ts";

interface Options extends CommonOptions, NodeOptions {
  readonly window: string;
  readonly interval: number;
  readonly count?: number;
}

const DEFAULT_INTERVAL_MS = 2000;
const LEAST_INTERVAL_MS = 500;
const MOST_INTERVAL_MS = 3_600_000;
/** How often a table can be asked for by `--count`. */
export const MAX_WATCH_COUNT = 1_000_000;

/** Clears the screen, and goes to its first line. */
const CLEAR = "\u001b[H\u001b[2J\u001b[3J";

/** `tracecore watch` */
export function watchCommand(cli: Cli): Command {
  return withNode(new Command("watch"))
    .description("show rate, errors and latency of services again and again")
    .option("--window <time>", "of the last minutes", "1m")
    .option(
      "--interval <duration>",
      "time between two tables",
      durationMs(LEAST_INTERVAL_MS, MOST_INTERVAL_MS),
      DEFAULT_INTERVAL_MS,
    )
    .option(
      "--count <tables>",
      "end after so many",
      wholeNumber(1, MAX_WATCH_COUNT),
    )
    .action(async (_: object, command: Command) => {
      await watch(cli, command.optsWithGlobals<Options>());
    });
}

/** Goes on where the service is away for a while. */
async function watch(cli: Cli, options: Options): Promise<void> {
  const { interval, count = Infinity } = options;
  const client = connect(cli, options);
  for (let shown = 0; shown < count; shown++) {
    if (shown > 0) await delay(interval, undefined, { signal: cli.signal });
    try {
      await showTable(cli, options, client);
      cli.exitCode = EXIT_CODES.ok;
    } catch (error) {
      const { text, exitCode } = explainError(error);
      if (exitCode !== EXIT_CODES.unavailable) throw error;
      cli.exitCode = exitCode;
      cli.terminal.tell(text);
    }
  }
}

async function showTable(
  { terminal, signal }: Cli,
  { window, namespace, environment, json }: Options,
  client: TracecoreClient,
): Promise<void> {
  const answer = await client.call("GET /api/v1/services", {
    query: { start: window, namespace, environment },
    signal,
  });
  if (json === true) {
    terminal.print(`${JSON.stringify(answer)}\n`);
    return;
  }
  const style = styleOf(terminal.colours);
  const busiest = answer.services
    .toSorted((a, b) => b.request_rate - a.request_rate);
  const title = `${clockText(answer.timestamp)} UTC, the last ${window}\n`;
  terminal.print(
    (terminal.isTTY ? CLEAR : "") + style.dim(title) +
      servicesText({ services: busiest }, style),
  );
}
