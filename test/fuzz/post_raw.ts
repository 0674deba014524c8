import { Agent, request } from "node:http";
import { connect } from "node:net";
import type { FuzzAnswer } from "./answer_problem.ts";
import type { FuzzRequest } from "./fuzz_request.ts";

/** An answer that takes longer is a hang, ms. */
export const ANSWER_LIMIT_MS = 10_000;

/** Connections that are kept between requests. */
export function keptConnections(count: number): Agent {
  return new Agent({ keepAlive: true, maxSockets: count });
}

/**
 * Posts a request as it is, in its chunks.
 *
 * @throws {Error} Where no whole answer comes within `ANSWER_LIMIT_MS`.
 */
export function postRaw(
  url: string,
  { headers, body, chunks }: FuzzRequest,
  agent: Agent,
): Promise<FuzzAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<FuzzAnswer>();
  const signal = AbortSignal.timeout(ANSWER_LIMIT_MS);
  const options = { method: "POST", headers, agent, signal };
  const sent = request(`${url}/v1/traces`, options, (response) => {
    const parts: Uint8Array[] = [];
    response.on("data", (part: Uint8Array) => parts.push(part));
    response.once("error", reject);
    response.once("end", () => {
      resolve({
        status: response.statusCode ?? 0,
        contentType: response.headers["content-type"] ?? "",
        body: Buffer.concat(parts),
      });
    });
  });
  sent.once("error", reject);
  if (chunks === 0) sent.end(body);
  else {
    const size = Math.ceil(body.length / chunks);
    for (let at = 0; at < body.length; at += size) {
      sent.write(body.subarray(at, at + size));
    }
    sent.end();
  }
  return promise;
}

/**
 * Posts a request whose Content-Length is not the body's, and says no more.
 *
 * @returns The status of the first answer, or null where the connection ends
 *   without one.
 * @throws {Error} Where neither happens within `ANSWER_LIMIT_MS`.
 */
export function postWithLength(
  url: string,
  { headers, body }: FuzzRequest,
  contentLength: number,
): Promise<number | null> {
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setTimeout(ANSWER_LIMIT_MS, () => {
    socket.destroy(new Error(`No answer within ${ANSWER_LIMIT_MS} ms`));
  });
  let answer = "";
  socket.on("data", (part) => {
    answer += part.toString("latin1");
    const status = /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1];
    if (status === undefined) return;
    resolve(Number(status));
    socket.destroy();
  });
  // A server may cut the connection while more than it wants is sent.
  socket.once("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "ECONNRESET" || error.code === "EPIPE") resolve(null);
    else reject(error);
  });
  socket.once("close", () => resolve(null));
  const lines = Object.entries({
    host: `${hostname}:${port}`,
    ...headers,
    "content-length": contentLength,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`POST /v1/traces HTTP/1.1\r\n${lines.join("")}\r\n`);
  socket.end(body);
  return promise;
}
