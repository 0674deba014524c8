import type { MovedSetting } from "./moved_setting.ts";

/**
 * Says which settings of a `tracecore.yaml` are the Worker's now, with the
 * lines to paste; empty where there are none.
 */
export function movedText(settings: readonly MovedSetting[]): string {
  if (settings.length === 0) return "";
  const variables = new Map<string, string>();
  const secrets = new Map<string, string>();
  const nothing: string[] = [];
  for (const { path, value, belongs, line } of settings) {
    if (belongs.to === "variable") {
      variables.set(
        belongs.name,
        `${belongs.name} = ${JSON.stringify(belongs.set)}`,
      );
    } else if (belongs.to === "secret") {
      secrets.set(
        belongs.name,
        `npx wrangler secret put ${belongs.name}   # ${value}`,
      );
    } else {
      nothing.push(`  line ${line}: ${path} (${belongs.why})`);
    }
  }
  return [
    ...variables.size === 0 ? [] : [
      "The Worker does this now. In its wrangler.toml:",
      "",
      "[vars]",
      ...variables.values(),
      "",
    ],
    ...secrets.size === 0 ? [] : [
      "Its secrets:",
      "",
      ...secrets.values(),
      "",
    ],
    ...nothing.length === 0 ? [] : ["Not needed any more:", ...nothing, ""],
    "",
  ].join("\n");
}
