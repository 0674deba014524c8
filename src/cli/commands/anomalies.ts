import { Command, Option } from "commander";
import type { AnswerOf } from "../../client/call_types.ts";
import { ANOMALY_METRICS, type AnomalyMetric } from "../../anomaly/anomaly.ts";
import { ANOMALY_STATES } from "../../anomaly/anomaly_filter.ts";
import {
  DEFAULT_ANOMALY_LIMIT,
  MAX_ANOMALY_LIMIT,
} from "../../anomaly/anomaly_limits.ts";
import { durationText, percentText } from "../../correlation/plain_words.ts";
import { allPages, MAX_LISTED } from "../all_pages.ts";
import type { Cli, CommonOptions } from "../cli.ts";
import { connect } from "../connection.ts";
import { listedPage } from "../listed_page.ts";
import { clockText, rateText } from "../figure_text.ts";
import {
  wholeNumber,
  type WindowOptions,
  withWindow,
} from "../option_values.ts";
import { printable } from "../printable.ts";
import { paintSeverity } from "../severity_paint.ts";
import { show } from "../show.ts";
import type { Style } from "../style.ts";
import { table } from "../table.ts";

type Anomaly = AnswerOf<"GET /api/v1/anomalies/{id}">;
type AnomalyList = AnswerOf<"GET /api/v1/anomalies">;

interface Options extends CommonOptions, WindowOptions {
  readonly service?: string;
  readonly metric?: string;
  readonly state?: string;
  readonly limit: number;
}

/** `tracecore anomalies [id]` */
export function anomaliesCommand(cli: Cli): Command {
  return withWindow(new Command("anomalies"))
    .description("list what is out of the ordinary, the newest first")
    .argument("[id]", "of one anomaly, to see its evidence")
    .option("--service <name>", "in this service")
    .addOption(
      new Option("--metric <metric>", "of this metric").choices(
        ANOMALY_METRICS,
      ),
    )
    .addOption(
      new Option("--state <state>", "that last, or are over")
        .choices(ANOMALY_STATES),
    )
    .option(
      "--limit <anomalies>",
      "how many at most",
      wholeNumber(1, MAX_LISTED),
      DEFAULT_ANOMALY_LIMIT,
    )
    .action(async (id: string | undefined, _: object, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const client = connect(cli, options);
      const { signal } = cli;
      if (id !== undefined) {
        const answer = await client.call("GET /api/v1/anomalies/{id}", {
          path: { id },
          signal,
        });
        show(cli, options, {
          answer,
          text: (style) => anomalyText(answer, style),
        });
        return;
      }
      const { start, end, service, metric, state, limit } = options;
      const asked = { start, end, service, metric, state };
      const { entries, next } = await allPages(async (page) => {
        const answer = await client.call("GET /api/v1/anomalies", {
          query: { ...asked, ...page },
          signal,
        });
        return { entries: answer.anomalies, next: answer.next_cursor };
      }, { limit, pageLimit: MAX_ANOMALY_LIMIT });
      const answer = {
        anomalies: [...entries],
        count: entries.length,
        next_cursor: next,
      };
      show(cli, options, {
        answer,
        text: (style) => listText(answer, style),
      });
    });
}

function listText(
  { anomalies, next_cursor: next }: AnomalyList,
  style: Style,
): string {
  if (anomalies.length === 0) return "Nothing was out of the ordinary then.\n";
  const listed = table(
    [
      { head: "STARTED", cell: (anomaly) => clockText(anomaly.started_at) },
      { head: "ID", cell: (anomaly) => anomaly.id },
      {
        head: "SEVERITY",
        cell: (anomaly) => anomaly.severity,
        paint: paintSeverity,
      },
      { head: "STATE", cell: (anomaly) => anomaly.state },
      { head: "WHERE", cell: placeOf },
      { head: "METRIC", cell: (anomaly) => anomaly.metric },
      {
        head: "FROM",
        right: true,
        cell: (one) => figure(one.metric, one.baseline),
      },
      {
        head: "TO",
        right: true,
        cell: (one) => figure(one.metric, one.observed),
      },
      {
        head: "LIKELIEST CHANGE",
        cell: ({ candidates }) => candidates?.[0]?.drift_event ?? "",
      },
    ],
    anomalies,
    style,
  );
  return listedPage(listed, next, { how: "a higher --limit, or --end" });
}

function anomalyText(anomaly: Anomaly, style: Style): string {
  const { metric, ended_at: ended, candidates, sample_traces: traces } =
    anomaly;
  return [
    `${style.bold(printable(placeOf(anomaly)))}: ${metric} ` +
    `${figure(metric, anomaly.baseline)} → ${figure(metric, anomaly.observed)}`,
    `Severity ${anomaly.severity}; since ${
      clockText(anomaly.started_at)
    } UTC, ` +
    (ended === null ? "it lasts" : `until ${clockText(ended)} UTC`),
    "",
    table(
      [
        { head: "MINUTE", cell: (minute) => clockText(minute.minute) },
        {
          head: "BASELINE",
          right: true,
          cell: ({ baseline }) => figure(metric, baseline),
        },
        {
          head: "VALUE",
          right: true,
          cell: ({ value }) => figure(metric, value),
        },
      ],
      anomaly.evidence,
      style,
    ),
    ...(candidates ?? []).flatMap((candidate) => [
      `${candidate.rank}. ${printable(candidate.drift_event)}: ` +
      percentText(candidate.score),
      ...candidate.reasons.map((reason) => `   - ${printable(reason)}`),
    ]),
    ...traces.length === 0 ? [] : [`Traces: ${traces.join(" ")}`],
    "",
  ].join("\n");
}

function placeOf({ service, edge }: Anomaly): string {
  return edge === null ? service : `${edge.from} → ${edge.to}`;
}

function figure(metric: AnomalyMetric, value: number): string {
  if (metric === "latency_p95") return durationText(value);
  return metric === "error_rate" ? percentText(value) : rateText(value);
}
