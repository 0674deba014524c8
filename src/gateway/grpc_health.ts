import {
  type ServerWritableStream,
  status as Code,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { Reader } from "protobufjs/minimal.js";
import { type GrpcFailure, grpcFailure } from "./grpc_failure.ts";
import { TRACE_SERVICE } from "./grpc_services.ts";
import type { UpstreamHealth } from "./upstream_health.ts";

/** How often a watched state is looked at, ms. */
export const WATCH_INTERVAL_MS = 2_000;
/** Those who watch at a time. */
export const MAX_WATCHERS = 64;

// Values of grpc.health.v1.HealthCheckResponse.ServingStatus.
const SERVING = 1;
const NOT_SERVING = 2;
const SERVICE_UNKNOWN = 3;
type ServingStatus =
  | typeof SERVING
  | typeof NOT_SERVING
  | typeof SERVICE_UNKNOWN;

const STATUS_TAG = 1 << 3;
const SERVICE_TAG = 1 << 3 | 2;

/** A stream of states that is open. */
type Watch = ServerWritableStream<Buffer, Buffer>;

/**
 * `grpc.health.v1.Health`: the whole server, named "", serves until it is
 * stopped; the service of traces only while the Worker is well.
 */
export class GrpcHealth {
  readonly #upstream: UpstreamHealth;
  readonly #watches = new Set<() => void>();
  #isStopping = false;

  constructor(upstream: UpstreamHealth) {
    this.#upstream = upstream;
  }

  /** The handlers of the service. */
  handlers(): UntypedServiceImplementation {
    return {
      Check: (
        call: { readonly request: Buffer },
        respond: (failure: GrpcFailure | null, answer?: Buffer) => void,
      ) => {
        void this.#check(call.request).then(
          (checked) =>
            checked === SERVICE_UNKNOWN
              ? respond(grpcFailure(Code.NOT_FOUND, "No such service here"))
              : respond(null, encode(checked)),
        );
      },
      Watch: (call: Watch) => this.#watch(call),
    };
  }

  /** Says NOT_SERVING from now on, and ends those who watch. */
  stop(): void {
    this.#isStopping = true;
    for (const end of this.#watches) end();
  }

  async #check(request: Buffer): Promise<ServingStatus> {
    const service = serviceOf(request);
    if (service !== "" && service !== TRACE_SERVICE) return SERVICE_UNKNOWN;
    if (this.#isStopping) return NOT_SERVING;
    if (service === "") return SERVING;
    const { status } = await this.#upstream.state(performance.now());
    return status === "ok" ? SERVING : NOT_SERVING;
  }

  #watch(call: Watch): void {
    if (this.#watches.size >= MAX_WATCHERS) {
      call.emit(
        "error",
        grpcFailure(
          Code.RESOURCE_EXHAUSTED,
          `Cannot watch: ${MAX_WATCHERS} others do already`,
        ),
      );
      return;
    }
    let last: ServingStatus | null = null;
    const look = async (): Promise<void> => {
      const now = await this.#check(call.request);
      if (now === last || !this.#watches.has(end)) return;
      last = now;
      call.write(encode(now));
    };
    const timer = setInterval(() => void look(), WATCH_INTERVAL_MS);
    const leave = (): void => {
      clearInterval(timer);
      this.#watches.delete(end);
    };
    const end = (): void => {
      leave();
      call.write(encode(NOT_SERVING));
      call.end();
    };
    this.#watches.add(end);
    call.once("cancelled", leave);
    void look();
  }
}

/** The service that a `HealthCheckRequest` names; null where it is none. */
function serviceOf(request: Buffer): string | null {
  try {
    const reader = Reader.create(request);
    let service = "";
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      if (tag === SERVICE_TAG) service = reader.string();
      else reader.skipType(tag & 7);
    }
    return service;
  } catch {
    return null;
  }
}

function encode(status: ServingStatus): Buffer {
  return Buffer.from([STATUS_TAG, status]);
}
