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
  const underWay = new Map<number, Promise<number>>();
  let begun = 0;
  async function sendOne(item: Item, number: number): Promise<number> {
    await send(item);
    return number;
  }
  for (const item of items) {
    const number = begun++;
    const sending = sendOne(item, number);
    // One that fails while another is waited for is seen when its turn comes,
    // or nobody asks any more.
    sending.catch(() => undefined);
    underWay.set(number, sending);
    if (underWay.size < atOnce) continue;
    underWay.delete(await Promise.race(underWay.values()));
  }
  await Promise.all(underWay.values());
}
