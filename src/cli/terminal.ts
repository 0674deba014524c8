/** Where the command line writes. */
export interface Terminal {
  /** Whether answers go to a person, and not into a file or a pipe. */
  readonly isTTY: boolean;
  /** Characters of a line. */
  readonly columns: number;
  /** Of answers. */
  readonly colours: boolean;
  /** Writes an answer. */
  readonly print: (text: string) => void;
  /** Writes what is not an answer: faults, warnings, progress. */
  readonly tell: (text: string) => void;
}

/** What of a process the terminal is made from. */
export interface TerminalProcess {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Characters of a line where nobody knows. */
export const DEFAULT_COLUMNS = 100;

/**
 * The terminal of a process. It has colours where it is one, and `NO_COLOR`
 * (https://no-color.org) is not set; or where `FORCE_COLOR` is.
 */
export function processTerminal(
  { stdout, stderr, env }: TerminalProcess,
): Terminal {
  const isTTY = stdout.isTTY;
  const forced = isSet(env["FORCE_COLOR"]) && env["FORCE_COLOR"] !== "0";
  return {
    isTTY,
    columns: isTTY ? stdout.columns : DEFAULT_COLUMNS,
    colours: !isSet(env["NO_COLOR"]) &&
      (forced || isTTY && env["TERM"] !== "dumb"),
    print: (text) => {
      stdout.write(text);
    },
    tell: (text) => {
      stderr.write(text);
    },
  };
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}
