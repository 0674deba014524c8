import { Command } from "commander";
import { durationText, percentText } from "../../correlation/plain_words.ts";
import type { AnswerOf } from "../../client/call_types.ts";
import type { TracecoreClient } from "../../client/client.ts";
import type { Cli, CommonOptions } from "../cli.ts";
import { CliError } from "../cli_error.ts";
import { connect } from "../connection.ts";
import { EXIT_CODES } from "../exit_code.ts";
import { clockText } from "../figure_text.ts";
import {
  type NodeOptions,
  type WindowOptions,
  withNode,
  withWindow,
} from "../option_values.ts";
import { printable } from "../printable.ts";
import { show } from "../show.ts";
import type { Style } from "../style.ts";

type DriftReport = AnswerOf<"GET /api/v1/correlation/drift/{id}">;
type IncidentReport = AnswerOf<"GET /api/v1/correlation/incident">;

interface Options extends CommonOptions, WindowOptions, NodeOptions {
  readonly driftEvent?: string;
  readonly window?: string;
  readonly explain?: boolean;
  readonly anomaly?: string;
  readonly service?: string;
}

/** `tracecore correlate` */
export function correlateCommand(cli: Cli): Command {
  return withNode(withWindow(new Command("correlate")))
    .description(
      "say what a change did (--drift-event), or which change may be behind " +
        "an anomaly (--anomaly) or behind what a service suffers (--service)",
    )
    .option("--drift-event <id>", "the change, or the resource that it changed")
    .option("--window <time>", "this long before and after the change (1h)")
    .option("--explain", "with verdict, reasons, and what else changed")
    .option("--anomaly <id>", "the anomaly")
    .option("--service <name>", "the service that is slow or failing")
    .action(async (_: object, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const { driftEvent, anomaly, service } = options;
      const named = [driftEvent, anomaly, service]
        .filter((one) => one !== undefined);
      if (named.length !== 1) {
        throw new CliError(
          "Cannot correlate: give one of --drift-event, --anomaly and " +
            `--service, not ${named.length}`,
          EXIT_CODES.usage,
        );
      }
      const client = connect(cli, options);
      if (driftEvent === undefined) {
        const answer = await incident(client, options, cli.signal);
        const text = incidentText.bind(null, answer);
        show(cli, options, { answer, text });
      } else {
        const { window, explain = false } = options;
        const answer = await client.call(
          "GET /api/v1/correlation/drift/{id}",
          {
            path: { id: driftEvent },
            query: { window },
            signal: cli.signal,
          },
        );
        show(cli, options, {
          answer,
          warnings: answer.warnings,
          text: (style) =>
            answer.summary + (explain ? explanation(answer, style) : ""),
        });
      }
    });
}

function incident(
  client: TracecoreClient,
  options: Options,
  signal: AbortSignal,
): Promise<IncidentReport> {
  const { anomaly, service, start, end, namespace, environment } = options;
  return anomaly === undefined
    ? client.call("GET /api/v1/correlation/incident", {
      query: { service, start, end, namespace, environment },
      signal,
    })
    : client.call("GET /api/v1/correlation/anomaly/{id}", {
      path: { id: anomaly },
      signal,
    });
}

function explanation(report: DriftReport, style: Style): string {
  const { competing_events: others } = report;
  return [
    "",
    `${style.bold("Verdict:")} ${report.verdict}, with ` +
    `${percentText(report.confidence)} certainty`,
    ...report.reasons.map((reason) => `- ${printable(reason)}`),
    ...others.length === 0
      ? []
      : ["", style.bold("What else changed in that time:")],
    ...others.map((event) =>
      `- ${clockText(event.timestamp)}  ${printable(event.drift_event_id)} ` +
      `(${printable(event.resource_id)}): ${percentText(event.share)} of ` +
      "the blame"
    ),
    "",
  ].join("\n");
}

function incidentText(report: IncidentReport, style: Style): string {
  const { symptom, candidates, root_service: root } = report;
  if (symptom === null) {
    return "Nothing rose more than chance allows in this window.\n";
  }
  const shown = symptom.metric === "latency" ? durationText : percentText;
  return [
    `${style.bold(printable(symptom.service_name))}: ${symptom.metric} ` +
    `${shown(symptom.before)} → ${shown(symptom.after)} since ` +
    `${clockText(symptom.onset)} UTC`,
    `Where it begins: ${
      root === null ? "nowhere in particular" : printable(root)
    }`,
    "",
    candidates.length === 0
      ? "No change of that time is known."
      : style.bold("Changes that may be behind it, the likeliest first:"),
    ...candidates.flatMap((candidate) => [
      `${candidate.rank}. ${printable(candidate.drift_event.id)} ` +
      `(${printable(candidate.drift_event.resource_id)} ` +
      `${candidate.drift_event.type}): ${percentText(candidate.score)}`,
      ...candidate.reasons.map((reason) => `   - ${printable(reason)}`),
    ]),
    "",
  ].join("\n");
}
