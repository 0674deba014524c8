const CLOSED_NORMALLY = 1000;

/**
 * Answers a client's close: without an answer it waits for one, for seconds.
 * What is closed already stays so.
 */
export function closeQuietly(socket: WebSocket): void {
  try {
    socket.close(CLOSED_NORMALLY);
  } catch {
    // It is closed already.
  }
}
