import { type Command, InvalidArgumentError } from "commander";
import { DURATION_FORMATS, parseDuration } from "../search/parse_duration.ts";

const NS_PER_MS = 1e6;

/** A window of time, as flags give it; the service reads the texts. */
export interface WindowOptions {
  readonly start?: string;
  readonly end?: string;
}

/** Which of the services of one name are meant. */
export interface NodeOptions {
  readonly namespace?: string;
  readonly environment?: string;
}

/** Adds `--start` and `--end` to a command. */
export function withWindow(command: Command): Command {
  return command
    .option("--start <time>", "from then on: 1h, 2d, an RFC 3339 or unix time")
    .option("--end <time>", "until then; now where it is not given");
}

/** Adds `--namespace` and `--environment` to a command. */
export function withNode(command: Command): Command {
  return command
    .option("--namespace <name>", "of this service.namespace only")
    .option("--environment <name>", "of this deployment.environment only");
}

/**
 * Reads a whole number.
 *
 * @throws {InvalidArgumentError} Where it is none, or outside of the bounds.
 */
export function wholeNumber(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(
      `It must be a whole number from ${least} to ${most}.`,
    );
  };
}

/**
 * Reads a number that may have decimals.
 *
 * @throws {InvalidArgumentError} Where it is none, or outside of the bounds.
 */
export function numberBetween(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (/^\d*\.?\d+$/.test(text) && value >= least && value <= most) {
      return value;
    }
    throw new InvalidArgumentError(
      `It must be a number from ${least} to ${most}.`,
    );
  };
}

/**
 * Reads a duration, in ms.
 *
 * @throws {InvalidArgumentError} Where it is none, or outside of the bounds.
 */
export function durationMs(leastMs: number, mostMs: number) {
  return (text: string): number => {
    const ms = (parseDuration(text) ?? Number.NaN) / NS_PER_MS;
    if (ms >= leastMs && ms <= mostMs) return ms;
    throw new InvalidArgumentError(
      `It must be ${DURATION_FORMATS}, from ${leastMs / 1000}s to ` +
        `${mostMs / 1000}s.`,
    );
  };
}

/** Collects the values of a flag that may come several times. */
export function collected(
  value: string,
  before: readonly string[] | undefined,
): readonly string[] {
  return [...before ?? [], value];
}
