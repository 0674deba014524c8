/** Minutes before a change in which an edge has to be there to be an old one. */
export const FAMILIAR_MINUTES = 120;

/**
 * Whether calls were hardly made before a minute: in less than half of the
 * minutes before it.
 *
 * @param count Requests a minute.
 */
export function isNew(count: ArrayLike<number>, at: number): boolean {
  const from = Math.max(0, at - FAMILIAR_MINUTES);
  let known = 0;
  for (let minute = from; minute < at; minute++) {
    if ((count[minute] ?? 0) > 0) known++;
  }
  return known * 2 < at - from;
}
