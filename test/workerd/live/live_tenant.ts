import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { liveHubOf } from "../../../src/live/live_hub_stub.ts";
import { ask, type Asked, storedKey } from "../access/closed_service.ts";
import { listenTo, listenToSocket } from "./live_listener.ts";

/** A tenant of its own: what it has no other test sees. */
export class LiveTenant {
  readonly name = `live-${crypto.randomUUID().slice(0, 8)}`;
  #key: string | null = null;

  /** Its hub. */
  get hub() {
    return liveHubOf(env, this.name);
  }

  /** Asks the service as one of its admins. */
  async ask(path: string, asked: Asked = {}): Promise<Response> {
    const tenant = this.name;
    this.#key ??= (await storedKey({ tenant, scope: "admin" })).text;
    return ask(path, { key: this.#key, ...asked });
  }

  /** Listens by an event stream. */
  async stream(query = "", asked: Asked = {}) {
    return listenTo(await this.ask(`/api/v1/live${query}`, asked));
  }

  /** Listens by a WebSocket. */
  async socket(query = "") {
    const answer = await this.ask(`/api/v1/live${query}`, {
      headers: { upgrade: "websocket" },
    });
    expect(answer.status).toBe(101);
    const socket = answer.webSocket as WebSocket;
    return { socket, ...listenToSocket(socket) };
  }

  /** Posts a request from a service to another, each with its own span. */
  async post(from: string, to: string): Promise<void> {
    const endNs = BigInt(Date.now()) * 1_000_000n;
    const traceId = crypto.randomUUID().replaceAll("-", "");
    const clientId = traceId.slice(16);
    const serverId = traceId.slice(0, 16);
    const times = {
      startTimeUnixNano: `${endNs - 5_000_000n}`,
      endTimeUnixNano: `${endNs}`,
    };
    const client = { traceId, spanId: clientId, name: "GET", kind: 3 };
    const server = { traceId, spanId: serverId, name: "GET /", kind: 2 };
    const answer = await this.ask("/v1/traces", {
      method: "POST",
      body: {
        resourceSpans: [
          spansOf(from, { ...client, ...times }),
          spansOf(to, { ...server, parentSpanId: clientId, ...times }),
        ],
      },
    });
    expect(answer.status).toBe(200);
  }
}

function spansOf(service: string, span: object): object {
  return {
    resource: {
      attributes: [{ key: "service.name", value: { stringValue: service } }],
    },
    scopeSpans: [{ spans: [span] }],
  };
}
