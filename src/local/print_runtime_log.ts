/** A line that workerd or the Worker writes. */
export interface RuntimeLog {
  readonly level: string;
  readonly message: string;
}

/**
 * How workerd marks what it tells its own developers, such as that an alarm
 * was due while no process ran.
 */
const INTERNAL_MARK = "NOSENTRY";

/** Prints a line of the Worker's log, faults to stderr, as it was written. */
export function printRuntimeLog({ level, message }: RuntimeLog): void {
  if (message.startsWith(INTERNAL_MARK)) return;
  const stream = level === "error" || level === "warn"
    ? process.stderr
    : process.stdout;
  stream.write(`${message}\n`);
}
