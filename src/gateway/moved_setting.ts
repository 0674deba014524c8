import type { ConfigEntry } from "./config_entries.ts";
import { substitute } from "./substitute.ts";
import { tempoUrl } from "./tempo_url.ts";

/** Where a setting of the Collector has gone. */
export type Belongs =
  /** A variable below `[vars]` of wrangler.toml. */
  | { readonly to: "variable"; readonly name: string; readonly set: string }
  /** `npx wrangler secret put NAME`. */
  | { readonly to: "secret"; readonly name: string }
  /** Nowhere: the reason. */
  | { readonly to: "nothing"; readonly why: string };

/** A setting that the Worker has now, or does not need any more. */
export interface MovedSetting {
  readonly path: string;
  /** As it stands in the file; a secret that is no variable is left out. */
  readonly value: string;
  readonly belongs: Belongs;
  readonly line: number;
}

/** What moved; `paths` has the sections on the way to it, too. */
export type MovedReading =
  | {
    readonly ok: true;
    readonly settings: readonly MovedSetting[];
    readonly paths: ReadonlySet<string>;
  }
  | { readonly ok: false; readonly problem: string };

const NOTHING: Readonly<Record<string, string>> = {
  "processors.batch.timeout":
    "exporters batch, and the Worker takes each request at once",
  "processors.batch.send_batch_size":
    "exporters batch: set OTEL_BSP_MAX_EXPORT_BATCH_SIZE there",
  "processors.batch.send_batch_max_size":
    "exporters batch: set OTEL_BSP_MAX_EXPORT_BATCH_SIZE there",
  "processors.airdig.resource_correlation.enabled":
    "services are linked to resources wherever SKYGRAPH_URL is set",
  "processors.airdig.service_map.enabled": "the map is always made",
  "processors.airdig.service_map.window":
    "minutes are kept, and each question says its own window",
  "exporters.tempo.insecure": "TEMPO_URL says http or https",
  "exporters.tempo.tls.insecure": "TEMPO_URL says http or https",
  "service.pipelines.traces.receivers":
    "the gateway takes gRPC and HTTP, the Worker HTTP",
  "service.pipelines.traces.processors": "the Worker's order is its own",
  "service.pipelines.traces.exporters":
    "spans go on to each target whose variable is set",
};

const VARIABLES: Readonly<Record<string, string>> = {
  "processors.airdig.resource_correlation.skygraph_api": "SKYGRAPH_URL",
  "exporters.tempo.endpoint": "TEMPO_URL",
  "exporters.airdig_engine.endpoint": "ENGINE_URL",
};

const SECRETS: Readonly<Record<string, string>> = {
  "exporters.airdig_engine.api_key": "ENGINE_API_KEY",
};

const LEAVES = [NOTHING, VARIABLES, SECRETS].flatMap((of) => Object.keys(of));
const PATHS: ReadonlySet<string> = new Set(
  LEAVES.flatMap((path) => {
    const parts = path.split(".");
    return parts.map((_, at) => parts.slice(0, at + 1).join("."));
  }),
);

/** The settings of a file that belong to the Worker, or to nothing, now. */
export function movedSettings(
  entries: readonly ConfigEntry[],
  environment: Readonly<Record<string, string | undefined>>,
): MovedReading {
  const settings: MovedSetting[] = [];
  const isInsecure = entries.some(({ path, value }) =>
    /^exporters\.tempo\.(tls\.)?insecure$/.test(path) && value === "true"
  );
  for (const { path, value, line } of entries) {
    if (!PATHS.has(path) || value === null) continue;
    const secret = SECRETS[path];
    const variable = VARIABLES[path];
    const why = NOTHING[path];
    if (secret !== undefined) {
      // A name of a variable gives nothing away; a key itself would.
      const shown = /^\$\{[^}]*\}$/.test(value) ? value : "(a secret)";
      const belongs = { to: "secret", name: secret } as const;
      settings.push({ path, value: shown, belongs, line });
    } else if (variable !== undefined) {
      const whole = substitute(value, environment);
      if (!whole.ok) {
        return {
          ok: false,
          problem: `line ${line}: "${path}" needs ${whole.missing}, which ` +
            "is not set",
        };
      }
      const set = variable === "TEMPO_URL"
        ? tempoUrl(whole.text, isInsecure)
        : whole.text;
      const belongs = { to: "variable", name: variable, set } as const;
      settings.push({ path, value, belongs, line });
    } else if (why === undefined) {
      const problem = `line ${line}: "${path}" must be a section`;
      return { ok: false, problem };
    } else {
      settings.push({ path, value, belongs: { to: "nothing", why }, line });
    }
  }
  return { ok: true, settings, paths: PATHS };
}
