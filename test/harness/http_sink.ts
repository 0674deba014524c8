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

/** An answer with an empty body. */
export interface SinkReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** How long the sender waits for it, ms. @default {0} */
  readonly delayMs?: number;
}

/** A reply, one that is a status alone, or no answer at all. */
export type SinkAnswer = number | SinkReply | "hang";

/** A real HTTP server in the place of one that the service sends to. */
export class HttpSink {
  /** Every request that arrived whole, in order. */
  readonly requests: SunkRequest[] = [];
  /** Those of them whose sender was told, with a 2xx, that they were taken. */
  readonly taken: SunkRequest[] = [];
  /** How requests are answered from now on. */
  answer: SinkAnswer | (() => SinkAnswer) = 200;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /**
   * Starts a sink on 127.0.0.1.
   *
   * @param port 0 for a free one.
   */
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

  /** Ends the server and every connection. */
  async stop(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #receive(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    const sunk: SunkRequest = {
      method: request.method ?? "",
      path: request.url ?? "",
      headers: request.headers,
      body: new Uint8Array(Buffer.concat(chunks)),
    };
    this.requests.push(sunk);
    const answer = typeof this.answer === "function"
      ? this.answer()
      : this.answer;
    if (answer === "hang") return;
    const reply: SinkReply = typeof answer === "number"
      ? { status: answer }
      : answer;
    const { status, headers = {}, delayMs = 0 } = reply;
    await delay(delayMs, undefined, { ref: false });
    if (status >= 200 && status < 300) {
      response.once("finish", () => this.taken.push(sunk));
    }
    response.writeHead(status, headers).end();
  }
}
