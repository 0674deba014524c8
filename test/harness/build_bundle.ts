import { buildCli } from "../../src/local/build_cli.ts";
import { productionBundle } from "../../src/local/production_bundle.ts";

/** Builds all that is deployed once, before the tests that start it. */
export async function setup(): Promise<void> {
  await productionBundle();
  await buildCli();
}
