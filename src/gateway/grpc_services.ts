import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";

/** The name of OTLP's service of traces. */
export const TRACE_SERVICE =
  "opentelemetry.proto.collector.trace.v1.TraceService";
/** OTLP's other services, which are answered, but not served. */
export const OTHER_SERVICES: readonly string[] = [
  "opentelemetry.proto.collector.metrics.v1.MetricsService",
  "opentelemetry.proto.collector.logs.v1.LogsService",
  "opentelemetry.proto.collector.profiles.v1development.ProfilesService",
];
/** gRPC's own service for those who look whether a server is well. */
export const HEALTH_SERVICE = "grpc.health.v1.Health";

/** A method whose messages stay the bytes that they are. */
export type BytesMethod = MethodDefinition<Buffer, Buffer>;

/**
 * A service whose messages stay the bytes that they are, so that nothing is
 * lost of what the gateway does not know.
 *
 * @param methods Each name, and whether its answer is a stream.
 *
 * @example
 * ```ts
 * import { bytesService } from "../src/gateway/grpc_services.ts";
 *
 * const { Export } = bytesService("a.B", { Export: false });
 * expect(Export?.path).toBe("/a.B/Export");
 * ```
 */
export function bytesService(
  name: string,
  methods: Readonly<Record<string, boolean>>,
): ServiceDefinition {
  const entries = Object.entries(methods).map(([method, responseStream]) => {
    const definition: BytesMethod = {
      path: `/${name}/${method}`,
      requestStream: false,
      responseStream,
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    };
    return [method, definition] as const;
  });
  return Object.fromEntries(entries);
}

function same(bytes: Buffer): Buffer {
  return bytes;
}
