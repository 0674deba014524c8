import { Command, Option } from "commander";
import type { AnswerOf } from "../../client/call_types.ts";
import { SCOPES } from "../../access/caller.ts";
import {
  DEFAULT_OVERLAP_S,
  MAX_OVERLAP_S,
  MAX_REQUESTS_PER_SECOND,
  MAX_SPANS_PER_SECOND,
} from "../../admin/key_body.ts";
import type { Cli, CommonOptions } from "../cli.ts";
import { connect } from "../connection.ts";
import { clockText } from "../figure_text.ts";
import { collected, durationMs, wholeNumber } from "../option_values.ts";
import { printable } from "../printable.ts";
import { show } from "../show.ts";
import type { Style } from "../style.ts";
import { table } from "../table.ts";

type Key = AnswerOf<"GET /api/v1/keys/{id}">;
type NewKey = AnswerOf<"POST /api/v1/keys">;
type Scope = (typeof SCOPES)[number];

const MS_PER_S = 1000;

interface CreateOptions extends CommonOptions {
  readonly scope: Scope;
  readonly tenant?: string;
  readonly expires?: string;
  readonly origin?: readonly string[];
  readonly service?: readonly string[];
  readonly requestsPerSecond?: number;
  readonly spansPerSecond?: number;
}

/** `tracecore keys list|create|show|revoke|rotate` */
export function keysCommand(cli: Cli): Command {
  return new Command("keys")
    .description("list, make, revoke and rotate keys; asks for an admin's key")
    .addCommand(listCommand(cli), { isDefault: true })
    .addCommand(createCommand(cli))
    .addCommand(showCommand(cli))
    .addCommand(revokeCommand(cli))
    .addCommand(rotateCommand(cli));
}

function listCommand(cli: Cli): Command {
  return new Command("list")
    .description("list the keys of a tenant, never their text")
    .option("--tenant <name>", "of this tenant")
    .action(async (_: object, command: Command) => {
      const options = command.optsWithGlobals<
        CommonOptions & { readonly tenant?: string }
      >();
      const answer = await connect(cli, options).call("GET /api/v1/keys", {
        query: { tenant: options.tenant },
        signal: cli.signal,
      });
      const text = keysText.bind(null, answer.keys);
      show(cli, options, { answer, text });
    });
}

function createCommand(cli: Cli): Command {
  return new Command("create")
    .description("make a key; its text is shown this once")
    .argument("<name>", "what people know it by")
    .addOption(
      new Option("--scope <scope>", "what it is for").choices(SCOPES)
        .makeOptionMandatory(),
    )
    .option("--tenant <name>", "whose it is")
    .option("--expires <time>", "RFC 3339, as in 2027-01-01T00:00:00Z")
    .option("--origin <origin>", "of pages that use it; several", collected)
    .option("--service <name>", "that it may send; several times", collected)
    .option(
      "--requests-per-second <rate>",
      "at most",
      wholeNumber(1, MAX_REQUESTS_PER_SECOND),
    )
    .option(
      "--spans-per-second <rate>",
      "at most",
      wholeNumber(1, MAX_SPANS_PER_SECOND),
    )
    .action(async (name: string, _: object, command: Command) => {
      const options = command.optsWithGlobals<CreateOptions>();
      const { scope, tenant, expires, origin, service } = options;
      const { requestsPerSecond, spansPerSecond } = options;
      const answer = await connect(cli, options).call("POST /api/v1/keys", {
        body: {
          name,
          scope,
          tenant,
          expires,
          ...origin === undefined ? {} : { origins: [...origin] },
          ...service === undefined ? {} : { services: [...service] },
          requests_per_second: requestsPerSecond,
          spans_per_second: spansPerSecond,
        },
        signal: cli.signal,
      });
      show(cli, options, { answer, text: newKeyText.bind(null, answer) });
    });
}

function showCommand(cli: Cli): Command {
  return new Command("show")
    .description("show one key, never its text")
    .argument("<id>")
    .action(async (id: string, _: object, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions>();
      const answer = await connect(cli, options)
        .call("GET /api/v1/keys/{id}", { path: { id }, signal: cli.signal });
      show(cli, options, { answer, text: keysText.bind(null, [answer]) });
    });
}

function revokeCommand(cli: Cli): Command {
  return new Command("revoke")
    .description("revoke a key, for ever")
    .argument("<id>")
    .action(async (id: string, _: object, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions>();
      const answer = await connect(cli, options)
        .call("DELETE /api/v1/keys/{id}", { path: { id }, signal: cli.signal });
      show(cli, options, { answer, text: keysText.bind(null, [answer]) });
    });
}

function rotateCommand(cli: Cli): Command {
  return new Command("rotate")
    .description("make a key in the place of another, which ends after a while")
    .argument("<id>")
    .option(
      "--overlap <duration>",
      "how long the old one goes on",
      durationMs(0, MAX_OVERLAP_S * MS_PER_S),
      DEFAULT_OVERLAP_S * MS_PER_S,
    )
    .action(async (id: string, _: object, command: Command) => {
      const options = command.optsWithGlobals<
        CommonOptions & { readonly overlap: number }
      >();
      const answer = await connect(cli, options)
        .call("POST /api/v1/keys/{id}/rotate", {
          path: { id },
          body: { overlap_s: Math.round(options.overlap / MS_PER_S) },
          signal: cli.signal,
        });
      show(cli, options, { answer, text: newKeyText.bind(null, answer) });
    });
}

function keysText(keys: readonly Key[], style: Style): string {
  if (keys.length === 0) return "There is no key but the operator's.\n";
  return table(
    [
      { head: "ID", cell: (key) => key.id },
      { head: "NAME", cell: (key) => key.name },
      { head: "TENANT", cell: (key) => key.tenant },
      { head: "SCOPE", cell: (key) => key.scope },
      { head: "STATE", cell: (key) => key.state, paint: paintState },
      { head: "CREATED", cell: (key) => clockText(key.created) },
      {
        head: "EXPIRES",
        cell: ({ expires }) => expires === null ? "never" : clockText(expires),
      },
    ],
    keys,
    style,
  );
}

function newKeyText(key: NewKey, style: Style): string {
  return `${key.key}\n${
    style.dim(
      `Key ${key.id} (${printable(key.name)}) of tenant ${key.tenant} for ` +
        `${key.scope}. Keep its text: it is not shown again.`,
    )
  }\n`;
}

function paintState({ state }: Key, style: Style): (text: string) => string {
  return state === "active" ? style.green : style.dim;
}
