import type { Miniflare } from "miniflare";

/** How often the platform's clock starts work here, as wrangler.toml says, ms. */
export const SCHEDULE_MS = 5 * 60_000;

/**
 * Does what `crons` of wrangler.toml has the platform do: miniflare does not by
 * itself. Keeps no process alive.
 *
 * @param everyMs How often, ms.
 * @returns Ends it.
 */
export function runScheduledWork(
  miniflare: Miniflare,
  everyMs: number,
): () => void {
  const timer = setInterval(() => {
    runOnce(miniflare).catch((error: unknown) => {
      console.error("Cannot start scheduled work:", error);
    });
  }, everyMs).unref();
  return () => clearInterval(timer);
}

async function runOnce(miniflare: Miniflare): Promise<void> {
  const worker = await miniflare.getWorker();
  await worker.scheduled({ scheduledTime: new Date() });
}
