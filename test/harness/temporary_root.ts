import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Gives a run of vitest a temporary folder of its own and removes it at the
 * end, with all that killed services and test processes have left in it.
 */
export function setup(): () => void {
  const root = mkdtempSync(join(tmpdir(), "tc-"));
  process.env["TMPDIR"] = root;
  return () => {
    rmSync(root, { recursive: true, force: true, maxRetries: 3 });
  };
}
