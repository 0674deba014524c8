import { VARIABLE_NAMES } from "../settings.ts";
import { isLoopback, LocalOptionsError } from "./local_options.ts";

/**
 * The Worker's variables of a local start: those that the environment has, and
 * TRACECORE_OPEN, which is "true" where only this machine can reach the service
 * and no key is set.
 *
 * @throws {LocalOptionsError} Where a service that others can reach is to be
 * open.
 *
 * @example
 * ```ts
 * import { workerVariables } from "../src/local/worker_variables.ts";
 *
 * const environment = { EDITOR: "ed", TRACE_SHARDS: "2" };
 * expect(workerVariables(environment, { host: "127.0.0.1" }))
 *   .toEqual({ TRACE_SHARDS: "2", TRACECORE_OPEN: "true" });
 * expect(workerVariables(environment, { host: "0.0.0.0" }))
 *   .toEqual({ TRACE_SHARDS: "2" });
 * ```
 */
export function workerVariables(
  environment: Readonly<Record<string, string | undefined>>,
  { host }: { readonly host: string },
): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const name of VARIABLE_NAMES) {
    const value = environment[name];
    if (value !== undefined && value.trim() !== "") variables[name] = value;
  }
  if (isLoopback(host)) {
    // Whoever sets a key means it to be asked for, on this machine too.
    const open = variables["ADMIN_KEY"] === undefined ? "true" : "false";
    variables["TRACECORE_OPEN"] ??= open;
  } else if (variables["TRACECORE_OPEN"]?.trim() === "true") {
    throw new LocalOptionsError(
      `Cannot start: TRACECORE_OPEN is "true", and others can reach HOST ` +
        `"${host}" (leave TRACECORE_OPEN away and set ADMIN_KEY)`,
    );
  }
  return variables;
}
