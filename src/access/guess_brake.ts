import { takeTokens, type TokenBucket } from "./token_bucket.ts";

/** Keys and origins that do not exist, looked up for a network in a second. */
export const MAX_GUESSES_PER_SECOND = 20;
/** Addresses that are remembered; the one that asked longest ago goes. */
export const MAX_GUESSING_ADDRESSES = 4000;
/** Groups of an IPv6 address that one owner has: /64. */
const NETWORK_GROUPS = 4;
const ADDRESS_HEADER = "cf-connecting-ip";
/** Of this machine or a private network: RFC 1122, 1918, 4193. */
const PRIVATE =
  /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|f[cd][0-9a-f]{2}:)/i;

/** A key or an origin was not looked up, since its sender guesses. */
export class TooManyGuessesError extends Error {
  override readonly name = "TooManyGuessesError";
}

/**
 * Counts keys, and origins of pages, that do not exist, by the sender's network:
 * each costs a reading of D1, which others wait for.
 *
 * @example A key that exists costs nothing
 * ```ts
 * import { GuessBrake, MAX_GUESSES_PER_SECOND } from "../src/access/guess_brake.ts";
 *
 * const brake = new GuessBrake();
 * for (let key = 0; key < 10 * MAX_GUESSES_PER_SECOND; key++) {
 *   expect(brake.mayLookUp("192.0.2.1", 0)).toBe(true);
 *   brake.found("192.0.2.1", 0);
 * }
 * ```
 */
export class GuessBrake {
  readonly #buckets: Map<string, TokenBucket> = new Map();

  /** How many networks are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  /**
   * Whether one more key may be looked up for a network, which is taken for a
   * guess until it is `found`. "" may always: it stands for senders of whom the
   * platform tells nothing, and none of them is to stop the others.
   */
  mayLookUp(network: string, nowMs: number): boolean {
    return network === "" || this.#take(network, 1, nowMs);
  }

  /** Takes a guess back: the key exists. */
  found(network: string, nowMs: number): void {
    if (network !== "") this.#take(network, -1, nowMs);
  }

  #take(network: string, amount: number, nowMs: number): boolean {
    const perSecond = MAX_GUESSES_PER_SECOND;
    const before = this.#buckets.get(network);
    const { bucket, waitS } = takeTokens(before, { perSecond, amount, nowMs });
    const tokens = waitS > 0 && amount < 0
      ? bucket.tokens - amount
      : bucket.tokens;
    this.#buckets.delete(network);
    this.#buckets.set(network, { ...bucket, tokens });
    if (this.#buckets.size > MAX_GUESSING_ADDRESSES) this.#forgetOldest();
    return waitS === 0;
  }

  #forgetOldest(): void {
    for (const oldest of this.#buckets.keys()) {
      this.#buckets.delete(oldest);
      return;
    }
  }
}

/** The brake of this isolate. */
export const isolateBrake = new GuessBrake();

/**
 * The network that a request comes from: an IPv4 address, or the /64 of an IPv6
 * one, of which a sender has 2^64; "" where the platform says none, or a private
 * one: a proxy's, which stands for all who come through it.
 *
 * @example
 * ```ts
 * import { senderNetwork } from "../src/access/guess_brake.ts";
 *
 * const from = (address: string) =>
 *   senderNetwork(new Headers({ "cf-connecting-ip": address }));
 * expect(from("192.0.2.1")).toBe("192.0.2.1");
 * expect(from("2001:db8:1:2:3::9")).toBe("2001:db8:1:2");
 * expect(from("2001:db8::9")).toBe("2001:db8");
 * ```
 */
export function senderNetwork(headers: Headers): string {
  const address = headers.get(ADDRESS_HEADER) ?? "";
  if (PRIVATE.test(address)) return "";
  if (!address.includes(":")) return address;
  const [groups = ""] = address.split("::");
  return groups.split(":").slice(0, NETWORK_GROUPS).join(":");
}
