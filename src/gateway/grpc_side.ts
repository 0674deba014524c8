import {
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  status as Code,
} from "@grpc/grpc-js";
import { type ExportOptions, exportTraces } from "./grpc_export.ts";
import { grpcFailure } from "./grpc_failure.ts";
import type { GrpcHealth } from "./grpc_health.ts";
import {
  bytesService,
  HEALTH_SERVICE,
  OTHER_SERVICES,
  TRACE_SERVICE,
} from "./grpc_services.ts";

/** How often a quiet connection is asked whether it is there, ms. */
export const KEEPALIVE_MS = 60_000;
/** How long it has to say so, ms. */
export const KEEPALIVE_TIMEOUT_MS = 20_000;
/** After how long without a call a connection is ended, ms. */
export const IDLE_CLIENT_MS = 15 * 60_000;
/** Calls of one connection at a time; a client waits with more. */
export const MAX_CONNECTION_CALLS = 1_024;
/** Bytes of a call's metadata that are read. */
const METADATA_BYTES = 16 * 1024;

/** A certificate and its key, in PEM. */
export interface TlsIdentity {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** What the gRPC side serves with. */
export interface GrpcSideOptions extends ExportOptions {
  readonly health: GrpcHealth;
  /** Null: plain text. */
  readonly tls: TlsIdentity | null;
  /** Bytes of a message, inflated; a larger one is RESOURCE_EXHAUSTED. */
  readonly maxMessageBytes: number;
}

/** A gRPC server for OTLP's services, which does not listen yet. */
export function grpcServer(options: GrpcSideOptions): Server {
  const server = new Server({
    "grpc.max_receive_message_length": options.maxMessageBytes,
    "grpc.max_concurrent_streams": MAX_CONNECTION_CALLS,
    "grpc.max_metadata_size": METADATA_BYTES,
    "grpc.keepalive_time_ms": KEEPALIVE_MS,
    "grpc.keepalive_timeout_ms": KEEPALIVE_TIMEOUT_MS,
    "grpc.max_connection_idle_ms": IDLE_CLIENT_MS,
  });
  server.addService(bytesService(TRACE_SERVICE, { Export: false }), {
    Export: (
      call: ServerUnaryCall<Buffer, Buffer>,
      respond: sendUnaryData<Buffer>,
    ) => {
      void exportTraces(call, options).then((answer) =>
        answer.ok ? respond(null, answer.bytes) : respond(answer.failure)
      );
    },
  });
  for (const name of OTHER_SERVICES) {
    server.addService(bytesService(name, { Export: false }), {
      Export: refuseSignal,
    });
  }
  server.addService(
    bytesService(HEALTH_SERVICE, { Check: false, Watch: true }),
    options.health.handlers(),
  );
  return server;
}

/**
 * Begins to listen.
 *
 * @returns The port.
 * @throws {Error} Where it cannot.
 */
export function listen(
  server: Server,
  { host, port, tls }: {
    readonly host: string;
    readonly port: number;
    readonly tls: TlsIdentity | null;
  },
): Promise<number> {
  const credentials = tls === null
    ? ServerCredentials.createInsecure()
    : ServerCredentials.createSsl(null, [{
      cert_chain: tls.cert,
      private_key: tls.key,
    }]);
  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
}

function refuseSignal(
  _call: unknown,
  callback: sendUnaryData<Buffer>,
): void {
  callback(grpcFailure(
    Code.UNIMPLEMENTED,
    "Only traces are taken here: switch the exporters of other signals off " +
      "(OTEL_METRICS_EXPORTER=none, OTEL_LOGS_EXPORTER=none), or send them " +
      "elsewhere",
  ));
}
