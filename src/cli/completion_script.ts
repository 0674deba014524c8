import type { Command, Option } from "commander";

/** Shells whose completion can be printed. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** A name of `SHELLS`. */
export type Shell = (typeof SHELLS)[number];

/** The words that can come after some commands. */
interface Place {
  /** The commands so far, as in `keys create`; "" at first. */
  readonly path: string;
  readonly commands: readonly Command[];
  readonly options: readonly Option[];
}

/**
 * A script that completes the program's commands, flags and what flags can be.
 *
 * @example
 * ```ts
 * import { Command } from "commander";
 * import { completionScript } from "../src/cli/completion_script.ts";
 *
 * const program = new Command("tracecore");
 * program.command("services").description("list services");
 * expect(completionScript(program, "fish")).toContain(
 *   "complete -c tracecore -n '__tracecore_at \"\"' -f -a services " +
 *     "-d 'list services'",
 * );
 * ```
 */
export function completionScript(program: Command, shell: Shell): string {
  const places = placesOf(program, "");
  const name = program.name();
  if (shell === "fish") return fishScript(name, places);
  const script = bashScript(name, places);
  return shell === "bash"
    ? script
    : `#compdef ${name}\nautoload -U +X bashcompinit && bashcompinit\n${script}`;
}

function placesOf(command: Command, path: string): Place[] {
  const commands = command.commands;
  return [
    { path, commands, options: command.createHelp().visibleOptions(command) },
    ...commands.flatMap((below) =>
      placesOf(below, path === "" ? below.name() : `${path} ${below.name()}`)
    ),
  ];
}

/** Finds the commands among the words so far, then what can follow them. */
function bashScript(name: string, places: readonly Place[]): string {
  const common = places[0]?.options ?? [];
  return `_${name}() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  local path="" at words
  for ((at = 1; at < COMP_CWORD; at++)); do
    case "\${path:+$path }\${COMP_WORDS[at]}" in
${
    places.slice(1).map(({ path }) => `      "${path}") path="${path}" ;;`)
      .join("\n")
  }
    esac
  done
  case "$path $before" in
${
    choicesOf(places).map(([path, flag, choices]) =>
      `    "${path} ${flag}") COMPREPLY=($(compgen -W "${choices}" -- "$word")); return ;;`
    ).join("\n")
  }
    *" --output" | *" --config") COMPREPLY=($(compgen -f -- "$word")); return ;;
  esac
  case "$path" in
${
    places.map((place) => `    "${place.path}") words="${wordsOf(place)}" ;;`)
      .join("\n")
  }
  esac
  words="$words ${common.map(({ long }) => long ?? "").join(" ")}"
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _${name} ${name}
`;
}

function fishScript(name: string, places: readonly Place[]): string {
  const paths = places.slice(1).map(({ path }) => `'${path}'`).join(" ");
  const lines = places.flatMap(({ path, commands, options }) => {
    const at = path === "" ? "" : ` -n '__${name}_at "${path}"'`;
    return [
      ...commands.map((command) =>
        `complete -c ${name} -n '__${name}_at "${path}"' -f ` +
        `-a ${command.name()} -d ${quoted(command.description())}`
      ),
      ...options.map((option) =>
        `complete -c ${name}${at} -l ${(option.long ?? "").slice(2)} ` +
        `-d ${quoted(option.description)}` +
        (option.argChoices === undefined
          ? option.required ? " -r" : ""
          : ` -x -a '${option.argChoices.join(" ")}'`)
      ),
    ];
  });
  return `function __${name}_at
  set -l path ""
  for word in (commandline -opc)[2..]
    set -l longer (string trim "$path $word")
    if contains -- "$longer" ${paths}
      set path "$longer"
    end
  end
  test "$path" = "$argv[1]"
end
${lines.join("\n")}
`;
}

function choicesOf(places: readonly Place[]) {
  return places.flatMap(({ path, options }) =>
    options.flatMap(({ long = "", argChoices }) =>
      argChoices === undefined
        ? []
        : [[path, long, argChoices.join(" ")] as const]
    )
  );
}

function wordsOf({ commands, options }: Place): string {
  return [
    ...commands.map((command) => command.name()),
    ...options.map(({ long }) => long ?? ""),
  ].join(" ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
