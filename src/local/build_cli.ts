import { chmod, stat } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { PROJECT_ROOT } from "./project_root.ts";

/** CommonJS among the packages asks for what ES modules do not have. */
const REQUIRE = 'import { createRequire } from "node:module";\n' +
  "const require = createRequire(import.meta.url);";

/**
 * Builds the command line into one file that runs on Node 20 and newer, and
 * needs nothing beside it.
 *
 * @returns The path of the file, `dist/tracecore.js`.
 */
export async function buildCli(): Promise<string> {
  const file = join(PROJECT_ROOT, "dist", "tracecore.js");
  await build({
    entryPoints: [join(PROJECT_ROOT, "src/cli/main.ts")],
    outfile: file,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    banner: { js: REQUIRE },
    legalComments: "eof",
    logLevel: "silent",
  });
  const { mode } = await stat(file);
  await chmod(file, mode | 0o111);
  return file;
}
