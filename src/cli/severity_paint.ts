import type { Severity } from "../drift/drift.ts";
import type { Style } from "./style.ts";

/** Paints what has a severity. */
export function paintSeverity(
  { severity }: { readonly severity: Severity },
  style: Style,
): (text: string) => string {
  if (severity === "critical" || severity === "high") return style.red;
  return severity === "medium" ? style.yellow : style.dim;
}
