// Builds the production bundle and the command line, as `npm run build` does.
import { stat } from "node:fs/promises";
import { buildCli } from "./build_cli.ts";
import { BundleError, productionBundle } from "./production_bundle.ts";

try {
  for (const file of [await productionBundle(), await buildCli()]) {
    const { size } = await stat(file);
    process.stdout.write(`${file}: ${(size / 1024).toFixed(0)} KiB\n`);
  }
} catch (error) {
  console.error(error instanceof BundleError ? error.message : error);
  process.exit(1);
}
