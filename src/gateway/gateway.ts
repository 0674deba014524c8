import type { Server as GrpcServer } from "@grpc/grpc-js";
import { once } from "node:events";
import type { Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../local/free_port.ts";
import { baseUrl } from "../outbox/base_url.ts";
import { GatewayError } from "./gateway_error.ts";
import { GZIP_ABOVE_BYTES } from "./grpc_export.ts";
import { GrpcHealth } from "./grpc_health.ts";
import { grpcServer, listen, type TlsIdentity } from "./grpc_side.ts";
import { httpServer } from "./http_side.ts";
import { InFlight, MAX_BUFFERED_BYTES, MAX_IN_FLIGHT } from "./in_flight.ts";
import { Upstream } from "./upstream.ts";
import { UpstreamHealth } from "./upstream_health.ts";

/** Bytes of a message: what the Worker takes inflated unless told otherwise. */
export const MAX_GRPC_MESSAGE_BYTES = 20 * 1024 * 1024;
/** How long the Worker has for an answer, ms: more than it waits for storage. */
export const UPSTREAM_TIMEOUT_MS = 30_000;
/** How long a stop waits for what is in hand, ms. */
export const STOP_WITHIN_MS = 10_000;

const ADVICE = "end it, or let the gateway listen on another one";

/** Where a side listens. */
export interface ListenAddress {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/** What a gateway is started with. */
export interface GatewayOptions {
  /** The Worker's URL, without `/v1/traces`. */
  readonly url: string;
  /** Goes on with what brings no key. @default {null} */
  readonly key?: string | null;
  /** Where OTLP/gRPC is taken; null: nowhere. */
  readonly grpc:
    | (ListenAddress & { readonly tls?: TlsIdentity | null })
    | null;
  /** Where OTLP/HTTP is taken; null: nowhere. */
  readonly http: ListenAddress | null;
  /** @default {MAX_IN_FLIGHT} */
  readonly maxInFlight?: number;
  /** @default {MAX_BUFFERED_BYTES} */
  readonly maxBufferedBytes?: number;
  /** Of gRPC inflated, of HTTP as received. @default {MAX_GRPC_MESSAGE_BYTES} */
  readonly maxMessageBytes?: number;
  /** @default {GZIP_ABOVE_BYTES} */
  readonly gzipAboveBytes?: number;
  /** @default {UPSTREAM_TIMEOUT_MS} */
  readonly upstreamTimeoutMs?: number;
  /** @default {STOP_WITHIN_MS} */
  readonly stopWithinMs?: number;
}

/** A gateway that listens. */
export interface Gateway {
  /** Such as `http://127.0.0.1:4317`; null where gRPC is not taken. */
  readonly grpcUrl: string | null;
  readonly grpcPort: number | null;
  /** Without a slash at its end; null where HTTP is not taken. */
  readonly httpUrl: string | null;
  readonly httpPort: number | null;
  /**
   * Takes nothing new, and ends once what is in hand is answered, at the latest
   * after `stopWithinMs`, when it breaks it off.
   */
  close(): Promise<void>;
}

/**
 * Takes OTLP/gRPC and OTLP/HTTP, and passes them on to the Worker's OTLP/HTTP.
 * It keeps nothing: an export is acknowledged once the Worker has.
 *
 * @throws {GatewayError} Where the URL is none.
 * @throws {PortTakenError} Where it cannot listen.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  if (baseUrl(options.url) === null) {
    throw new GatewayError(
      `Cannot start the gateway: the Worker's URL is "${options.url}", and ` +
        "must be one of http or https, without a user and a query, such as " +
        "https://tracecore.example.workers.dev",
    );
  }
  const gateway = new RunningGateway(options);
  try {
    await gateway.listen();
  } catch (error) {
    await gateway.close();
    throw error;
  }
  return gateway;
}

class RunningGateway implements Gateway {
  readonly #options: GatewayOptions;
  readonly #upstream: Upstream;
  readonly #probe: Upstream;
  readonly #inFlight: InFlight;
  readonly #health: GrpcHealth;
  readonly #grpc: GrpcServer;
  readonly #http: HttpServer;
  #closing: Promise<void> | null = null;
  grpcPort: number | null = null;
  httpPort: number | null = null;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#upstream = new Upstream(options.url);
    this.#inFlight = new InFlight({
      requests: options.maxInFlight ?? MAX_IN_FLIGHT,
      bytes: options.maxBufferedBytes ?? MAX_BUFFERED_BYTES,
    });
    // Over a connection of its own, so that it is told under load, too.
    this.#probe = new Upstream(options.url);
    const upstreamHealth = new UpstreamHealth(this.#probe);
    this.#health = new GrpcHealth(upstreamHealth);
    const shared = {
      upstream: this.#upstream,
      inFlight: this.#inFlight,
      key: options.key ?? null,
      upstreamTimeoutMs: options.upstreamTimeoutMs ?? UPSTREAM_TIMEOUT_MS,
      maxMessageBytes: options.maxMessageBytes ?? MAX_GRPC_MESSAGE_BYTES,
    };
    this.#grpc = grpcServer({
      ...shared,
      health: this.#health,
      tls: options.grpc?.tls ?? null,
      gzipAboveBytes: options.gzipAboveBytes ?? GZIP_ABOVE_BYTES,
    });
    this.#http = httpServer({ ...shared, health: upstreamHealth });
  }

  get grpcUrl(): string | null {
    const { grpc } = this.#options;
    const scheme = (grpc?.tls ?? null) === null ? "http" : "https";
    return urlOf(scheme, grpc, this.grpcPort);
  }

  get httpUrl(): string | null {
    return urlOf("http", this.#options.http, this.httpPort);
  }

  async listen(): Promise<void> {
    const { grpc, http } = this.#options;
    if (grpc !== null) {
      await freePort(grpc, ADVICE);
      const tls = grpc.tls ?? null;
      this.grpcPort = await listen(this.#grpc, { ...grpc, tls });
    }
    if (http !== null) {
      await freePort(http, ADVICE);
      this.#http.listen(http.port, http.host);
      await once(this.#http, "listening");
      this.httpPort = (this.#http.address() as AddressInfo).port;
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { stopWithinMs = STOP_WITHIN_MS } = this.#options;
    this.#health.stop();
    const ended = Promise.all([this.#closeGrpc(), this.#closeHttp()]);
    const timer = new AbortController();
    await Promise.race([
      ended,
      delay(stopWithinMs, undefined, { signal: timer.signal })
        .catch(() => undefined),
    ]);
    timer.abort();
    this.#grpc.forceShutdown();
    this.#http.closeAllConnections();
    this.#upstream.close();
    this.#probe.close();
    await ended;
  }

  #closeGrpc(): Promise<void> {
    return new Promise((resolve) => {
      this.#grpc.tryShutdown(() => resolve());
    });
  }

  async #closeHttp(): Promise<void> {
    if (!this.#http.listening) return;
    const closed = once(this.#http, "close");
    this.#http.close();
    await closed;
  }
}

function urlOf(
  scheme: string,
  address: ListenAddress | null,
  port: number | null,
): string | null {
  if (address === null || port === null) return null;
  const { host } = address;
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
