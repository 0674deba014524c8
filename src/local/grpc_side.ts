/**
 * Bytes from which on messages go to workerd compressed: between two processes
 * of a machine that only takes time, except for those that the Worker takes
 * compressed alone.
 */
export const LOCAL_GZIP_ABOVE_BYTES = 3 * 1024 * 1024;

/** What takes OTLP/gRPC beside a local service. */
export interface LocalGrpcOptions {
  /** Where the service listens. */
  readonly service: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/**
 * Takes OTLP/gRPC for a local service, until this process ends.
 *
 * @returns Where, such as `http://127.0.0.1:4317`.
 * @throws {PortTakenError} Where the port is taken.
 */
export async function startLocalGrpc(
  { service, host, port }: LocalGrpcOptions,
): Promise<string | null> {
  // Loaded here: a start without gRPC does not wait for its library.
  const { startGateway } = await import("../gateway/gateway.ts");
  const { grpcUrl } = await startGateway({
    url: reachable(service),
    grpc: { host, port },
    http: null,
    gzipAboveBytes: LOCAL_GZIP_ABOVE_BYTES,
  });
  return grpcUrl;
}

/** A URL that can be asked, where a service listens on every address. */
function reachable(service: string): string {
  const url = new URL(service);
  if (url.hostname === "0.0.0.0") url.hostname = "127.0.0.1";
  if (url.hostname === "[::]") url.hostname = "[::1]";
  return url.origin;
}
