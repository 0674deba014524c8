/** The longest text of a log line's field, in UTF-16 code units. */
export const MAX_LOGGED_TEXT = 2000;

/** Writes a fault as one line of JSON, for the platform's log. */
export function logFault(
  event: string,
  error: unknown,
  fields: Readonly<Record<string, string | number>> = {},
): void {
  const line = { level: "error", event, ...fields, ...describe(error) };
  // oxlint-disable-next-line no-console -- the one place that writes the log
  console.error(JSON.stringify(line));
}

function describe(error: unknown): Record<string, string> {
  if (!(error instanceof Error)) return { error: inWords(error) };
  return {
    error: inWords(error),
    ...(error.cause === undefined ? {} : { cause: inWords(error.cause) }),
    ...(error.stack === undefined ? {} : { stack: cut(error.stack) }),
  };
}

function inWords(thrown: unknown): string {
  if (thrown instanceof Error) return cut(`${thrown.name}: ${thrown.message}`);
  return typeof thrown === "string"
    ? cut(thrown)
    : Object.prototype.toString.call(thrown);
}

function cut(text: string): string {
  return text.length > MAX_LOGGED_TEXT
    ? `${text.slice(0, MAX_LOGGED_TEXT)}…`
    : text;
}
