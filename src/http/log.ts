/** The longest text of a log line's field, in UTF-16 code units. */
export const MAX_LOGGED_TEXT = 2000;

/** What a log line can hold beside its event; never a payload or a key. */
export type LogFields = Readonly<Record<string, string | number | undefined>>;

/** Writes a fault as one line of JSON, for the platform's log. */
export function logFault(
  event: string,
  error: unknown,
  fields: LogFields = {},
): void {
  console.error(
    JSON.stringify({ level: "error", event, ...fields, ...describe(error) }),
  );
}

/** Writes what happened as one line of JSON; undefined fields stay out. */
export function logEvent(
  event: string,
  fields: LogFields,
  { level = "info" }: { readonly level?: "info" | "error" } = {},
): void {
  const line = JSON.stringify({ level, event, ...fields });
  if (level === "error") console.error(line);
  else console.info(line);
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
