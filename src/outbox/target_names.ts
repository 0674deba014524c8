import type { Settings } from "../settings.ts";

/** The names of all targets that are configured. */
export function targetNames(
  { targets, jsonTargets }: Pick<Settings, "targets" | "jsonTargets">,
): readonly string[] {
  return [...targets, ...jsonTargets].map(({ name }) => name);
}
