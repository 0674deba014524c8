/** A gateway cannot be started as it was told to; the message says why. */
export class GatewayError extends Error {
  override readonly name = "GatewayError";
}
