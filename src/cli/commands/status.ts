import { Command } from "commander";
import type { AnswerOf } from "../../client/call_types.ts";
import { durationText } from "../../correlation/plain_words.ts";
import type { Cli, CommonOptions } from "../cli.ts";
import { connect } from "../connection.ts";
import { bytesText, clockText } from "../figure_text.ts";
import { show } from "../show.ts";
import type { Style } from "../style.ts";
import { table } from "../table.ts";

type Status = AnswerOf<"GET /api/v1/status">;

/** `tracecore status` */
export function statusCommand(cli: Cli): Command {
  return new Command("status")
    .description("show how the service itself is doing")
    .action(async (_: object, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions>();
      const answer = await connect(cli, options).call("GET /api/v1/status", {
        signal: cli.signal,
      });
      show(cli, options, { answer, text: statusText.bind(null, answer) });
    });
}

function statusText(status: Status, style: Style): string {
  const shards = status.shards.filter((shard) => shard.reachable);
  const away = status.shards.length - shards.length;
  const { resource_graph: graph } = status;
  const kept = shards.reduce((sum, shard) => sum + shard.kept_bytes, 0);
  const traces = shards.reduce((sum, shard) => sum + shard.kept_traces, 0);
  const facts: (readonly [string, string])[] = [
    ["Version", status.version],
    ["Spans taken in", `${status.spans}`],
    ["Services", `${status.services}`],
    ["Lag of the map", durationText(status.lag)],
    ["Traces kept", `${traces}, ${bytesText(kept)}`],
    [
      "Trace shards",
      `${status.shards.length}${away === 0 ? "" : `, ${away} do not answer`}`,
    ],
    ["Open anomalies", `${status.open_anomalies}`],
    [
      "Resource graph",
      graph === null
        ? "none"
        : `${graph.nodes} resources from ${graph.source}` +
          (graph.received === null ? "" : ` at ${clockText(graph.received)}`),
    ],
  ];
  const rows = table(
    [
      { head: "", cell: ([name]) => name, paint: () => style.bold },
      { head: "", cell: ([, value]) => value },
    ],
    facts,
    style,
  ).trimStart();
  return `${rows}${outboxText(status, style)}`;
}

function outboxText({ outbox }: Status, style: Style): string {
  if (outbox.length === 0) return "\nSpans are not forwarded.\n";
  return `\n${
    table(
      [
        { head: "TARGET", cell: ({ target }) => target },
        {
          head: "STATE",
          cell: (one) => one.reachable ? stateOf(one) : "does not answer",
          paint: (one) =>
            one.reachable && one.failures_in_a_row === 0
              ? style.green
              : style.red,
        },
        {
          head: "WAITING",
          right: true,
          cell: (one) =>
            one.reachable ? `${one.items} (${bytesText(one.bytes)})` : "",
        },
        {
          head: "LAG",
          right: true,
          cell: (one) => one.reachable ? durationText(one.lag) : "",
        },
        {
          head: "DEAD LETTERS",
          right: true,
          cell: (one) => one.reachable ? `${one.dead_letters}` : "",
        },
      ],
      outbox,
      style,
    )
  }`;
}

function stateOf(
  one: {
    readonly failures_in_a_row: number;
    readonly last_error: string | null;
  },
): string {
  return one.failures_in_a_row === 0
    ? "takes spans"
    : `failed ${one.failures_in_a_row} times: ${one.last_error ?? ""}`;
}
