import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const made: string[] = [];
process.once("exit", () => {
  for (const folder of made) {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
});

/** Makes an empty folder that is removed when this process ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "tracecore-"));
  made.push(folder);
  return folder;
}
