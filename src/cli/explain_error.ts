import { CommanderError } from "commander";
import { ApiError } from "../client/api_error.ts";
import { GatewayError } from "../gateway/gateway_error.ts";
import { PortTakenError } from "../local/free_port.ts";
import { CliError } from "./cli_error.ts";
import { EXIT_CODES, type ExitCode } from "./exit_code.ts";
import { printable } from "./printable.ts";

/** What is told of a failure, and what the command line ends with. */
export interface Explained {
  /** Lines for the terminal; "" where all has been told. */
  readonly text: string;
  readonly exitCode: ExitCode;
}

/**
 * What a failure means to the one who typed the command.
 *
 * @example
 * ```ts
 * import { ApiError } from "../src/client/api_error.ts";
 * import { explainError } from "../src/cli/explain_error.ts";
 *
 * const gone = new ApiError("Cannot find a trace 5b8e", { status: 404 });
 * expect(explainError(gone))
 *   .toEqual({ text: "tracecore: Cannot find a trace 5b8e\n", exitCode: 3 });
 * ```
 */
export function explainError(error: unknown): Explained {
  if (error instanceof ApiError) return apiError(error);
  if (error instanceof CliError) {
    return { text: line(error.message), exitCode: error.exitCode };
  }
  // Commander has told it, with the usage.
  if (error instanceof CommanderError) {
    const exitCode = error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
    return { text: "", exitCode };
  }
  if (error instanceof GatewayError || error instanceof PortTakenError) {
    return { text: line(error.message), exitCode: EXIT_CODES.usage };
  }
  const fault = error instanceof Error ? error.stack : String(error);
  return {
    text: `tracecore: a fault of the command line itself:\n${fault ?? ""}\n`,
    exitCode: EXIT_CODES.internal,
  };
}

function apiError({ message, status, details }: ApiError): Explained {
  const problems = details.map(({ parameter, value, problem }) =>
    `  ${parameter}${
      value === undefined ? "" : ` ${JSON.stringify(value)}`
    }: ` +
    `${problem}\n`
  );
  const advice = adviceOf(status);
  return {
    text: line(message) + problems.map(printableLine).join("") +
      (advice === "" ? "" : `  ${advice}\n`),
    exitCode: exitCodeOf(status),
  };
}

function exitCodeOf(status: number | null): ExitCode {
  if (status === null || status === 429 || status === 503) {
    return EXIT_CODES.unavailable;
  }
  if (status === 401 || status === 403) return EXIT_CODES.refused;
  if (status === 404) return EXIT_CODES.notFound;
  return status < 500 ? EXIT_CODES.usage : EXIT_CODES.internal;
}

function adviceOf(status: number | null): string {
  if (status === null) {
    return "Is it the right address? Give --url, or set TRACECORE_URL; " +
      "`tracecore doctor` looks closer.";
  }
  if (status === 401 || status === 403) {
    return "Give a key that may with --key, or set TRACECORE_KEY.";
  }
  return "";
}

function line(message: string): string {
  return `tracecore: ${printable(message)}\n`;
}

function printableLine(text: string): string {
  return `${printable(text.trimEnd())}\n`;
}
