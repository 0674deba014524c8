/** The first wait after a failed write, ms; each further one is twice it. */
export const FIRST_BACK_OFF_MS = 5000;
/** The longest wait, ms. */
export const MAX_BACK_OFF_MS = 300_000;

/** How long to wait after so many failures in a row, ms. */
export function backOffMs(failures: number): number {
  const waitMs = FIRST_BACK_OFF_MS * 2 ** (Math.max(1, failures) - 1);
  return Math.min(waitMs, MAX_BACK_OFF_MS);
}
