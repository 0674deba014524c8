import { resolve } from "node:path";

/** The folder of package.json and wrangler.toml. */
export const PROJECT_ROOT: string = resolve(import.meta.dirname, "../..");
