import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };

const GENERATED = "proto/generated/otlp";

test("npm run generate:proto makes the code in proto/generated, byte for byte", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tracecore-generated-"));
  try {
    const made = join(folder, "otlp");
    const command = manifest.scripts["generate:proto"];
    const [program = "", ...options] = command
      .replace(`${GENERATED}.js`, `${made}.js`)
      .split(" ");
    expect(options).toContain(`${made}.js`);
    const path = join("node_modules/.bin", program);
    await promisify(execFile)(process.execPath, [path, ...options]);
    for (const extension of [".js", ".d.ts"]) {
      expect(await readFile(made + extension, "utf8"))
        .toBe(await readFile(GENERATED + extension, "utf8"));
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
