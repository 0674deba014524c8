/** The names of the targets that take JSON. */
export const JSON_TARGETS = ["engine", "webhook", "slack"] as const;

/** AirDig's Engine, a webhook of one's own, or Slack's. */
export type JsonTargetName = (typeof JSON_TARGETS)[number];

/** A URL that what TraceCore found out is posted to, as JSON. */
export interface JsonTarget {
  readonly name: JsonTargetName;
  /** The whole URL, with its path. */
  readonly url: string;
  /** Sent with every request; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** What bodies are signed with; null signs none. */
  readonly secret: string | null;
}

/** The target of such a name; undefined where it is not configured. */
export function jsonTarget(
  settings: { readonly jsonTargets: readonly JsonTarget[] },
  name: JsonTargetName,
): JsonTarget | undefined {
  return settings.jsonTargets.find((target) => target.name === name);
}
