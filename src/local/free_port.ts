import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** How long a start waits for its port: the last process may still be ending. */
export const PORT_WAIT_MS = 3000;

/** Someone else listens on the port. */
export class PortTakenError extends Error {
  override readonly name = "PortTakenError";
}

/**
 * Waits until nobody listens on a port.
 *
 * @param advice What to do where somebody does, for the message.
 * @throws {PortTakenError} Where it is still taken after PORT_WAIT_MS, or
 * cannot be listened on at all.
 */
export async function freePort(
  { host, port }: { readonly host: string; readonly port: number },
  advice: string,
): Promise<void> {
  const deadline = Date.now() + PORT_WAIT_MS;
  for (;;) {
    const problem = await tryListening(host, port);
    if (problem === undefined) return;
    if (problem.code !== "EADDRINUSE") {
      throw new PortTakenError(
        `Cannot listen on ${host} port ${port}: ${problem.message}`,
      );
    }
    if (Date.now() > deadline) {
      throw new PortTakenError(
        `Cannot listen on ${host} port ${port}: something else does already ` +
          `(${advice})`,
      );
    }
    await delay(100);
  }
}

function tryListening(
  host: string,
  port: number,
): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", resolve);
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}
