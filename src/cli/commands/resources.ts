import { Command } from "commander";
import type { AnswerOf } from "../../client/call_types.ts";
import { percentText } from "../../correlation/plain_words.ts";
import {
  DEFAULT_RESOURCE_LIMIT,
  MAX_RESOURCE_LIMIT,
} from "../../resources/resource_parameters.ts";
import type { TracecoreClient } from "../../client/client.ts";
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
import { printable } from "../printable.ts";
import { show } from "../show.ts";
import type { Style } from "../style.ts";
import { table } from "../table.ts";

type ResourceList = AnswerOf<"GET /api/v1/resources">;
type Resource = AnswerOf<"GET /api/v1/resources/{id}">;

interface Options extends CommonOptions, WindowOptions {
  readonly type?: string;
  readonly provider?: string;
  readonly limit: number;
}

/** `tracecore resources [id]` */
export function resourcesCommand(cli: Cli): Command {
  return withWindow(new Command("resources"))
    .description("list cloud resources with the services that run on them")
    .argument("[id]", "of one resource, to see its services and changes")
    .option("--type <type>", "of this type")
    .option("--provider <name>", "of this provider: aws, gcp, azure, k8s")
    .option(
      "--limit <resources>",
      "how many at most",
      wholeNumber(1, MAX_LISTED),
      DEFAULT_RESOURCE_LIMIT,
    )
    .action(async (id: string | undefined, _: object, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const { start, end } = options;
      const client = connect(cli, options);
      const { signal } = cli;
      if (id === undefined) {
        const answer = await listedResources(client, options, signal);
        show(cli, options, {
          answer,
          text: (style) => listText(answer, style),
        });
      } else {
        const answer = await client.call("GET /api/v1/resources/{id}", {
          path: { id },
          query: { start, end },
          signal,
        });
        show(cli, options, {
          answer,
          text: (style) => resourceText(answer, style),
        });
      }
    });
}

async function listedResources(
  client: TracecoreClient,
  { start, end, type, provider, limit }: Options,
  signal: AbortSignal,
): Promise<ResourceList> {
  let graph: ResourceList["graph"] = null;
  const { entries, next } = await allPages(async (page) => {
    const answer = await client.call("GET /api/v1/resources", {
      query: { start, end, type, provider, ...page },
      signal,
    });
    graph = answer.graph;
    return { entries: answer.resources, next: answer.next_cursor };
  }, { limit, pageLimit: MAX_RESOURCE_LIMIT });
  return {
    resources: [...entries],
    count: entries.length,
    next_cursor: next,
    graph,
  };
}

function listText(
  { resources, next_cursor: next }: ResourceList,
  style: Style,
): string {
  if (resources.length === 0) return "No resource is known.\n";
  const listed = table(
    [
      { head: "RESOURCE", cell: (resource) => resource.id },
      { head: "TYPE", cell: (resource) => resource.type },
      { head: "PROVIDER", cell: (resource) => resource.provider },
      { head: "NAME", cell: (resource) => resource.name },
      { head: "SERVICES", cell: ({ services }) => services.join(" ") },
    ],
    resources,
    style,
  );
  return listedPage(listed, next);
}

function resourceText(resource: Resource, style: Style): string {
  const { services, neighbours, drift } = resource;
  const name = resource.name === "" ? "" : ` ${printable(resource.name)}`;
  return [
    `${style.bold(printable(resource.id))}${name} (${
      printable(resource.type)
    })\n`,
    section("Services that run on it", services, () =>
      table(
        [
          { head: "SERVICE", cell: (mapping) => mapping.service_name },
          {
            head: "CONFIDENCE",
            right: true,
            cell: (mapping) => percentText(mapping.confidence),
          },
          { head: "TOLD BY", cell: (mapping) => mapping.source },
          {
            head: "LAST SEEN",
            cell: (mapping) => clockText(mapping.last_seen),
          },
        ],
        services,
        style,
      )),
    section("What hangs together with it", neighbours, () =>
      table(
        [
          { head: "RESOURCE", cell: (neighbour) => neighbour.id },
          { head: "TYPE", cell: (neighbour) => neighbour.type },
          {
            head: "EDGE",
            cell: ({ direction, edge_type: edge }) =>
              direction === "out" ? `→ ${edge}` : `← ${edge}`,
          },
        ],
        neighbours,
        style,
      )),
    section("What was changed", drift, () =>
      table(
        [
          { head: "TIME", cell: (event) => clockText(event.timestamp) },
          { head: "ID", cell: (event) => event.id },
          { head: "SEVERITY", cell: (event) => event.severity },
          { head: "TYPE", cell: (event) => event.type },
        ],
        drift,
        style,
      )),
  ].join("");

  function section(
    title: string,
    rows: readonly unknown[],
    text: () => string,
  ): string {
    return rows.length === 0 ? "" : `\n${style.bold(title)}\n${text()}`;
  }
}
