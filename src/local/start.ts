// Serves TraceCore from this machine, as `npm start` does, until it is told to
// end.
import { SettingsError } from "../settings.ts";
import { announcement } from "./announcement.ts";
import { endWithNpm, endWorkerdWithParent } from "./end_with_parent.ts";
import { freePort, PortTakenError } from "./free_port.ts";
import { startLocalGrpc } from "./grpc_side.ts";
import { DataFolderError } from "./hold_data_folder.ts";
import { LocalOptionsError, readLocalOptions } from "./local_options.ts";
import { startLocalService } from "./local_service.ts";
import { BundleError } from "./production_bundle.ts";
import { workerVariables } from "./worker_variables.ts";

/** Faults whose message says all that the user needs. */
const EXPECTED = [
  BundleError,
  DataFolderError,
  LocalOptionsError,
  PortTakenError,
  SettingsError,
];

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  // First in the row: the exit also ends workerd, with nothing left to write,
  // since what is acknowledged is on disk already.
  process.prependListener(signal, () => process.exit(0));
}
process.on("disconnect", () => process.exit(0));
endWithNpm();
endWorkerdWithParent();

try {
  const options = readLocalOptions(process.env);
  const variables = workerVariables(process.env, options);
  const { host, grpcPort, dataFolder } = options;
  if (grpcPort !== null) {
    const address = { host, port: grpcPort };
    await freePort(
      address,
      "end it, or set GRPC_PORT to another one, or to off",
    );
  }
  const { url, settings } = await startLocalService({ ...options, variables });
  const grpcUrl = grpcPort === null
    ? null
    : await startLocalGrpc({ service: url, host, port: grpcPort });
  process.stdout.write(announcement({ url, grpcUrl, settings, dataFolder }));
} catch (error) {
  const isExpected = EXPECTED.some((kind) => error instanceof kind);
  console.error(isExpected ? (error as Error).message : error);
  process.exit(1);
}
