import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** A request that a sink received, whole. */
export interface SunkRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

/** A whole answer. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** How long the sender waits for it, ms. @default {0} */
  readonly delayMs?: number;
}

/**
 * A status that is answered with an empty body, more, no answer at all, or a
 * connection that breaks.
 */
export type SinkAnswer = number | "hang" | "reset" | WholeAnswer;

/** A real HTTP server in the place of one that the service sends to. */
export class HttpSink {
  /** Every request that arrived whole, in order. */
  readonly requests: SunkRequest[] = [];
  /** Those of them whose sender was told, with a 2xx, that they were taken. */
  readonly taken: SunkRequest[] = [];
  /** How requests are answered from now on, or which way each one is. */
  answer: SinkAnswer | ((request: SunkRequest) => SinkAnswer) = 200;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Starts a sink on a port of 127.0.0.1, by default on a free one. */
  static async start(port = 0): Promise<HttpSink> {
    const server = createServer((request, response) => {
      // A sender that gives up while it sends leaves nothing to record.
      sink.#receive(request, response).catch(() => undefined);
    });
    const sink = new HttpSink(server);
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return sink;
  }

  /** Without a slash at its end. */
  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  /**
   * Waits until at least `count` requests have arrived.
   *
   * @throws {Error} Where they have not within `timeoutMs`.
   */
  async received(
    count: number,
    { timeoutMs = 10_000 }: { readonly timeoutMs?: number } = {},
  ): Promise<readonly SunkRequest[]> {
    const deadline = Date.now() + timeoutMs;
    while (this.requests.length < count) {
      if (Date.now() > deadline) {
        throw new Error(
          `Cannot wait any longer: ${this.requests.length} of ${count} ` +
            "requests have arrived",
        );
      }
      await delay(10);
    }
    return this.requests;
  }

  /** Ends every connection, also of those who wait for an answer. */
  hangUp(): void {
    this.#server.closeAllConnections();
  }

  /** Ends the server and every connection. */
  async stop(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.hangUp();
    await closed;
  }

  async #receive(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    const sunk = {
      method: request.method ?? "",
      path: request.url ?? "",
      headers: request.headers,
      body: new Uint8Array(Buffer.concat(chunks)),
    };
    this.requests.push(sunk);
    const { answer: given } = this;
    const answer = typeof given === "function" ? given(sunk) : given;
    if (answer === "hang") return;
    if (answer === "reset") {
      request.socket.resetAndDestroy();
      return;
    }
    const { status, headers = {}, body = "", delayMs = 0 }: WholeAnswer =
      typeof answer === "number" ? { status: answer } : answer;
    if (delayMs > 0) await delay(delayMs, undefined, { ref: false });
    if (status >= 200 && status < 300) {
      response.once("finish", () => this.taken.push(sunk));
    }
    response.writeHead(status, headers).end(body);
  }
}
