import { writeFileSync } from "node:fs";
import { extname } from "node:path";
import type { Cli, CommonOptions } from "./cli.ts";
import { CliError } from "./cli_error.ts";
import { EXIT_CODES } from "./exit_code.ts";
import { printable } from "./printable.ts";
import { type Style, styleOf } from "./style.ts";

/** An answer, and the ways to show it. */
export interface Shown {
  /** As `--json` and a file `.json` have it. */
  readonly answer: object;
  /** Where the answer holds less than was asked for, and why. */
  readonly warnings?: readonly string[];
  /** For people; ends with the end of a line. */
  readonly text: (style: Style) => string;
  /** What else a file can hold, by its ending, such as `.dot`. */
  readonly forms?: Readonly<Record<string, () => string>>;
}

/**
 * Shows an answer: as text, with `--json` as JSON, with `--output` in a file
 * whose ending says in which form. Warnings go to stderr.
 *
 * @throws {CliError} Where the file's ending says nothing, or it cannot be
 *   written.
 */
export function show(
  { terminal }: Pick<Cli, "terminal">,
  { json = false, output }: Pick<CommonOptions, "json" | "output">,
  shown: Shown,
): void {
  const { answer, text, warnings = [], forms = {} } = shown;
  for (const warning of warnings) {
    terminal.tell(`Warning: ${printable(warning)}\n`);
  }
  if (output !== undefined) {
    write(output, { ...forms, ".json": jsonForm });
    terminal.tell(`Wrote ${output}\n`);
  } else {
    terminal.print(json ? jsonForm() : text(styleOf(terminal.colours)));
  }

  function jsonForm(): string {
    return `${JSON.stringify(answer, null, 2)}\n`;
  }
}

function write(
  file: string,
  forms: Readonly<Record<string, () => string>>,
): void {
  const form = forms[extname(file).toLowerCase()];
  if (form === undefined) {
    const endings = Object.keys(forms).sort().join(", ");
    throw new CliError(
      `Cannot write ${file}: its ending must be one of ${endings}`,
      EXIT_CODES.usage,
    );
  }
  try {
    writeFileSync(file, form());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(`Cannot write ${file}: ${reason}`, EXIT_CODES.usage);
  }
}
