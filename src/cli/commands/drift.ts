import { Command, Option } from "commander";
import type { AnswerOf } from "../../client/call_types.ts";
import { DRIFT_TYPES, SEVERITIES } from "../../drift/drift.ts";
import {
  DEFAULT_DRIFT_LIMIT,
  MAX_DRIFT_LIMIT,
} from "../../drift/drift_limits.ts";
import { allPages, MAX_LISTED } from "../all_pages.ts";
import type { Cli, CommonOptions } from "../cli.ts";
import { connect } from "../connection.ts";
import { listedPage } from "../listed_page.ts";
import { clockText } from "../figure_text.ts";
import {
  wholeNumber,
  type WindowOptions,
  withWindow,
} from "../option_values.ts";
import { paintSeverity } from "../severity_paint.ts";
import { show } from "../show.ts";
import type { Style } from "../style.ts";
import { table } from "../table.ts";

type DriftEvent = AnswerOf<"GET /api/v1/drift-events/{id}">;

interface Options extends CommonOptions, WindowOptions {
  readonly resource?: string;
  readonly type?: string;
  readonly severity?: string;
  readonly limit: number;
}

/** `tracecore drift [id]` */
export function driftCommand(cli: Cli): Command {
  return withWindow(new Command("drift"))
    .description("list changes of the infrastructure, the newest first")
    .argument("[id]", "of one change, or of the resource that it changed")
    .option("--resource <id>", "of this resource")
    .addOption(
      new Option("--type <type>", "of this type").choices(DRIFT_TYPES),
    )
    .addOption(
      new Option("--severity <severity>", "of this severity")
        .choices(SEVERITIES),
    )
    .option(
      "--limit <events>",
      "how many at most",
      wholeNumber(1, MAX_LISTED),
      DEFAULT_DRIFT_LIMIT,
    )
    .action(async (id: string | undefined, _: object, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const client = connect(cli, options);
      const { signal } = cli;
      if (id !== undefined) {
        const answer = await client.call("GET /api/v1/drift-events/{id}", {
          path: { id },
          signal,
        });
        show(cli, options, {
          answer,
          text: (style) => eventText(answer, style),
        });
        return;
      }
      const { start, end, resource, type, severity, limit } = options;
      const asked = { start, end, resource_id: resource, type, severity };
      const { entries, next } = await allPages(async (page) => {
        const answer = await client.call("GET /api/v1/drift-events", {
          query: { ...asked, ...page },
          signal,
        });
        return { entries: answer.drift_events, next: answer.next_cursor };
      }, { limit, pageLimit: MAX_DRIFT_LIMIT });
      const answer = {
        drift_events: [...entries],
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
  { drift_events: events, next_cursor: next }: AnswerOf<
    "GET /api/v1/drift-events"
  >,
  style: Style,
): string {
  if (events.length === 0) return "No change is known of that time.\n";
  const listed = table(
    [
      { head: "TIME", cell: (event) => clockText(event.timestamp) },
      { head: "ID", cell: (event) => event.id },
      {
        head: "SEVERITY",
        cell: (event) => event.severity,
        paint: paintSeverity,
      },
      { head: "TYPE", cell: (event) => event.type },
      { head: "RESOURCE", cell: (event) => event.resource_id },
      { head: "KIND", cell: (event) => event.resource_type },
      { head: "BY", cell: (event) => event.root_cause?.user_identity ?? "" },
    ],
    events,
    style,
  );
  return listedPage(listed, next, { how: "a higher --limit, or --end" });
}

function eventText(event: DriftEvent, style: Style): string {
  const { root_cause: cause } = event;
  const facts: (readonly [string, string])[] = [
    ["Event", event.id],
    ["Time", `${clockText(event.timestamp)} UTC`],
    ["Resource", `${event.resource_id} (${event.resource_type})`],
    ["Change", `${event.type}, ${event.severity}`],
    ["Told by", event.source],
    ...cause === undefined ? [] : [
      ["Done by", `${cause.user_identity} with ${cause.event_name}`] as const,
    ],
    ["Before", valueText(event.before)],
    ["After", valueText(event.after)],
    ["Differs in", valueText(event.diff)],
    ["Impacts", event.impacted_resources.join(" ")],
  ];
  return table(
    [
      { head: "", cell: ([name]) => name, paint: () => style.bold },
      { head: "", cell: ([, value]) => value },
    ],
    facts.filter(([, value]) => value !== ""),
    style,
  ).trimStart();
}

function valueText(value: unknown): string {
  return value === undefined ? "" : JSON.stringify(value);
}
