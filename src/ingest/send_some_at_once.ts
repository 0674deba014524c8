/**
 * Sends all items, some of them at the same time; the next is asked for when
 * one of them is done.
 *
 * @throws What the first that failed threw; no more are sent then.
 *
 * @example
 * ```ts
 * import { sendSomeAtOnce } from "../src/ingest/send_some_at_once.ts";
 *
 * const sent: number[] = [];
 * await sendSomeAtOnce([1, 2, 3], {
 *   atOnce: 2,
 *   send: (item) => Promise.resolve(sent.push(item)),
 * });
 * expect(sent).toEqual([1, 2, 3]);
 * ```
 */
export async function sendSomeAtOnce<Item>(
  items: Iterable<Item>,
  { atOnce, send }: {
    readonly atOnce: number;
    readonly send: (item: Item) => Promise<unknown>;
  },
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  for (const item of items) {
    const sent = send(item).then(() => {
      underWay.delete(sent);
    });
    // One that fails while another is waited for is seen when its turn comes,
    // or nobody asks any more.
    sent.catch(() => undefined);
    underWay.add(sent);
    if (underWay.size >= atOnce) await Promise.race(underWay);
  }
  await Promise.all(underWay);
}
