import { expect, test } from "vitest";
import { MAX_MESSAGES_AT_ONCE } from "../../src/ingest/cut_by_shard.ts";
import { sendSomeAtOnce } from "../../src/ingest/send_some_at_once.ts";

test("sendSomeAtOnce() has MAX_MESSAGES_AT_ONCE under way, asks for the next when one is done, and ends with the last", async () => {
  const begun: PromiseWithResolvers<void>[] = [];
  let asked = 0;
  function* items(): Generator<number> {
    while (asked < 3 * MAX_MESSAGES_AT_ONCE) yield asked++;
  }
  let ended = false;
  const sending = sendSomeAtOnce(items(), {
    atOnce: MAX_MESSAGES_AT_ONCE,
    send: () => {
      const one = Promise.withResolvers<void>();
      begun.push(one);
      return one.promise;
    },
  }).then(() => {
    ended = true;
    return ended;
  });
  for (let done = 0; done < 3 * MAX_MESSAGES_AT_ONCE; done++) {
    await expect.poll(() => begun.length)
      .toBe(Math.min(done + MAX_MESSAGES_AT_ONCE, 3 * MAX_MESSAGES_AT_ONCE));
    expect(asked).toBe(begun.length);
    expect(ended).toBe(false);
    begun[done]?.resolve();
  }
  expect(await sending).toBe(true);
});

test("sendSomeAtOnce() fails with the first that fails, and sends no more", async () => {
  let asked = 0;
  function* items(): Generator<number> {
    for (;;) yield asked++;
  }
  await expect(sendSomeAtOnce(items(), {
    atOnce: 2,
    send: (item) =>
      item < 5 ? Promise.resolve() : Promise.reject(new Error(`no ${item}`)),
  })).rejects.toThrow("no 5");
  expect(asked).toBeLessThan(9);
});
