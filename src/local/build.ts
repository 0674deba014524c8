// Builds the production bundle, as `npm run build` does.
import { stat } from "node:fs/promises";
import { BundleError, productionBundle } from "./production_bundle.ts";

try {
  const bundle = await productionBundle();
  const { size } = await stat(bundle);
  process.stdout.write(`${bundle}: ${(size / 1024).toFixed(0)} KiB\n`);
} catch (error) {
  console.error(error instanceof BundleError ? error.message : error);
  process.exit(1);
}
