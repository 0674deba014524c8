import {
  type CallOptions,
  Client,
  type ClientOptions,
  compressionAlgorithms,
  credentials,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import { Reader } from "protobufjs/minimal.js";
import { google } from "../../proto/generated/otlp.js";
import { TRACE_SERVICE } from "../../src/gateway/grpc_services.ts";

/** Sends messages compressed. */
export const GZIP: ClientOptions = {
  "grpc.default_compression_algorithm": compressionAlgorithms.gzip,
};
const LARGE: ClientOptions = {
  "grpc.max_send_message_length": -1,
  "grpc.max_receive_message_length": -1,
};

/** What came of a call. */
export interface CallResult {
  /** 0 is OK. */
  readonly code: number;
  readonly details: string;
  readonly answer: Buffer | null;
  /** What `google.rpc.RetryInfo` asks for, s; null where there is none. */
  readonly retryS: number | null;
}

/** How a call is made. */
export interface CallSetup {
  readonly method?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly call?: CallOptions;
}

/** A gRPC client that sends bytes as messages. */
export class TraceClient {
  readonly #client: Client;

  /** @param url Of a gateway's gRPC side, such as `http://127.0.0.1:4317`. */
  constructor(url: string, options: ClientOptions = {}) {
    const { host } = new URL(url);
    this.#client = new Client(host, credentials.createInsecure(), {
      // Otherwise all clients of this process share a connection.
      "grpc.use_local_subchannel_pool": 1,
      ...LARGE,
      ...options,
    });
  }

  export(message: Uint8Array, setup: CallSetup = {}): Promise<CallResult> {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(setup.metadata ?? {})) {
      metadata.set(name, value);
    }
    return new Promise((resolve) => {
      this.#client.makeUnaryRequest(
        setup.method ?? `/${TRACE_SERVICE}/Export`,
        (bytes: Uint8Array) => Buffer.from(bytes),
        (bytes: Buffer) => bytes,
        message,
        metadata,
        setup.call ?? {},
        (error, answer) =>
          resolve(
            error === null
              ? { code: 0, details: "", answer: answer ?? null, retryS: null }
              : failureOf(error),
          ),
      );
    });
  }

  close(): void {
    this.#client.close();
  }
}

function failureOf(error: ServiceError): CallResult {
  const { code, details, metadata } = error;
  const [bytes] = metadata.get("grpc-status-details-bin");
  return { code, details, answer: null, retryS: retryOf(bytes) };
}

function retryOf(bytes: unknown): number | null {
  if (!(bytes instanceof Uint8Array)) return null;
  const [detail] = google.rpc.Status.decode(bytes).details;
  if (detail?.type_url !== "type.googleapis.com/google.rpc.RetryInfo") {
    return null;
  }
  const info = Reader.create(detail.value ?? new Uint8Array());
  info.uint32();
  const duration = Reader.create(info.bytes());
  duration.uint32();
  return Number(duration.int64());
}
