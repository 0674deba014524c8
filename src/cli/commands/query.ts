import { Command } from "commander";
import type { AnswerOf } from "../../client/call_types.ts";
import { MAX_TRACE_LIMIT } from "../../search/trace_limit.ts";
import { durationText } from "../../correlation/plain_words.ts";
import { allPages, MAX_LISTED } from "../all_pages.ts";
import type { Cli, CommonOptions } from "../cli.ts";
import { connect } from "../connection.ts";
import { listedPage } from "../listed_page.ts";
import { clockText } from "../figure_text.ts";
import {
  collected,
  type NodeOptions,
  wholeNumber,
  type WindowOptions,
  withNode,
  withWindow,
} from "../option_values.ts";
import { show } from "../show.ts";
import type { Style } from "../style.ts";
import { table } from "../table.ts";

type TraceList = AnswerOf<"GET /api/v1/traces">;

/** Traces that are listed where nothing is said. */
const DEFAULT_LIMIT = 20;

interface Options extends CommonOptions, WindowOptions, NodeOptions {
  readonly service?: string;
  readonly operation?: string;
  readonly error?: boolean;
  readonly minDuration?: string;
  readonly maxDuration?: string;
  readonly resource?: string;
  readonly attribute?: readonly string[];
  readonly limit: number;
}

/** `tracecore query` */
export function queryCommand(cli: Cli): Command {
  return withNode(withWindow(new Command("query")))
    .description("find traces, the newest first")
    .option("--service <name>", "with a span of this service")
    .option("--operation <name>", "with a span of this name")
    .option("--error", "with a span that failed")
    .option("--min-duration <duration>", "that took at least 250ms, 1.5s")
    .option("--max-duration <duration>", "that took at most this long")
    .option("--attribute <key:value>", "may come several times", collected)
    .option("--resource <id>", "that ran on a cloud resource")
    .option(
      "--limit <traces>",
      "how many at most",
      wholeNumber(1, MAX_LISTED),
      DEFAULT_LIMIT,
    )
    .action(async (_: object, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const answer = await foundTraces(cli, options);
      const { warnings } = answer;
      const text = listText.bind(null, answer);
      show(cli, options, { answer, warnings, text });
    });
}

async function foundTraces(cli: Cli, options: Options): Promise<TraceList> {
  const { start, end, namespace, environment, service, operation } = options;
  const { error, minDuration, maxDuration, attribute, resource } = options;
  const client = connect(cli, options);
  const warnings = new Set<string>();
  const { entries, next } = await allPages(async ({ limit, cursor }) => {
    const page = await client.call("GET /api/v1/traces", {
      query: {
        start,
        end,
        namespace,
        environment,
        service,
        operation,
        error,
        attribute,
        resource,
        min_duration: minDuration,
        max_duration: maxDuration,
        limit,
        cursor,
      },
      signal: cli.signal,
    });
    for (const warning of page.warnings) warnings.add(warning);
    return { entries: page.traces, next: page.next_cursor };
  }, { limit: options.limit, pageLimit: MAX_TRACE_LIMIT });
  return {
    traces: [...entries],
    count: entries.length,
    next_cursor: next,
    warnings: [...warnings],
  };
}

function listText({ traces, next_cursor: next }: TraceList, style: Style) {
  if (traces.length === 0) return "No trace matches in this window.\n";
  const listed = table(
    [
      { head: "TRACE", cell: (trace) => trace.trace_id },
      { head: "START", cell: (trace) => clockText(trace.start_time) },
      {
        head: "DURATION",
        right: true,
        cell: (trace) => durationText(trace.duration),
      },
      { head: "SPANS", right: true, cell: (trace) => String(trace.span_count) },
      {
        head: "FAILED",
        right: true,
        cell: (trace) => String(trace.error_count),
        paint: (trace, { red }) => trace.error_count > 0 ? red : unchanged,
      },
      {
        head: "ROOT",
        cell: (trace) => `${trace.root_service} ${trace.root_operation}`,
      },
      { head: "SERVICES", cell: (trace) => trace.services.join(" ") },
    ],
    traces,
    style,
  );
  return listedPage(listed, next);
}

function unchanged(text: string): string {
  return text;
}
