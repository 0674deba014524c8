import { productionBundle } from "../../src/local/production_bundle.ts";

/** Builds the bundle once, before the tests that start it side by side. */
export async function setup(): Promise<void> {
  await productionBundle();
}
