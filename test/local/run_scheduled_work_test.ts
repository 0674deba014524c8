import { readFileSync } from "node:fs";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { expect, test } from "vitest";
import {
  runScheduledWork,
  SCHEDULE_MS,
} from "../../src/local/run_scheduled_work.ts";

test("runScheduledWork() starts the Worker's scheduled work again and again", async () => {
  const miniflare = new Miniflare(convertV4MiniflareOptions({
    name: "scheduled",
    modules: true,
    script: `let times = 0;
      export default {
        scheduled() { times++; },
        fetch() { return new Response(String(times)); },
      };`,
  }));
  const stop = runScheduledWork(miniflare, 10);
  try {
    await expect.poll(async () => {
      const answer = await miniflare.dispatchFetch("http://worker/");
      return Number(await answer.text());
    }, { timeout: 10_000 }).toBeGreaterThan(1);
  } finally {
    stop();
    await miniflare.dispose();
  }
});

test("SCHEDULE_MS is what wrangler.toml says", () => {
  const toml = readFileSync("wrangler.toml", "utf8");
  expect(toml).toContain(`crons = ["*/${SCHEDULE_MS / 60_000} * * * *"]`);
});
