import { Command } from "commander";
import type { Cli, CommonOptions } from "../cli.ts";
import { connect } from "../connection.ts";
import { durationMs, numberBetween, wholeNumber } from "../option_values.ts";
import { sendTraces } from "../send_traces.ts";
import { show } from "../show.ts";

/** The most traces a second. */
export const MAX_SEND_RATE = 5000;
/** The most traces of one command. */
export const MAX_SENT_TRACES = 10_000_000;

const DEFAULT_RATE = 10;
const DEFAULT_MS = 10_000;
const LONGEST_MS = 86_400_000;
const DEFAULT_ERRORS = 0.05;

interface Options extends CommonOptions {
  readonly rate: number;
  readonly duration: number;
  readonly traces?: number;
  readonly errors: number;
  readonly service: string;
}

/** `tracecore send` */
export function sendCommand(cli: Cli): Command {
  return new Command("send")
    .description(
      "send test traces: a frontend that calls an api, which asks a database",
    )
    .option(
      "--rate <traces>",
      "a second",
      numberBetween(0.01, MAX_SEND_RATE),
      DEFAULT_RATE,
    )
    .option(
      "--duration <duration>",
      "how long: 10s, 5m",
      durationMs(1000, LONGEST_MS),
      DEFAULT_MS,
    )
    .option(
      "--traces <number>",
      "how many, whatever the duration",
      wholeNumber(1, MAX_SENT_TRACES),
    )
    .option(
      "--errors <ratio>",
      "share that fails, 0 to 1",
      numberBetween(0, 1),
      DEFAULT_ERRORS,
    )
    .option("--service <prefix>", "what the services' names begin with", "test")
    .action(async (_: object, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const { rate, duration, errors, service: prefix } = options;
      const traces = options.traces ??
        Math.max(1, Math.round(rate * duration / 1000));
      const answer = await sendTraces({ prefix, rate, traces, errors }, {
        client: connect(cli, options),
        nowMs: cli.nowMs,
        signal: cli.signal,
      });
      show(cli, options, {
        answer,
        text: () =>
          `Sent ${answer.traces} traces of ${prefix}-frontend, ` +
          `${answer.failed} of them failed` +
          (answer.rejected_spans === 0
            ? ""
            : `; ${answer.rejected_spans} spans were rejected`) +
          `\nThe last one: tracecore trace ${answer.last_trace ?? ""}\n`,
      });
    });
}
