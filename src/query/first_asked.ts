// The platform's clock stands still until the first request comes.
let firstMs: number | null = null;

/** When this isolate was first asked anything, ms since the epoch. */
export function firstAskedMs(nowMs: number): number {
  firstMs ??= nowMs;
  return firstMs;
}
