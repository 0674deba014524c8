import type { ExportBatch } from "../truth/export_batch.ts";
import { postBatch } from "../truth/post_batches.ts";

/** How long requests took until they were acknowledged. */
export interface PostTimes {
  /** ms. */
  readonly p99Ms: number;
  /** Why some were not. */
  readonly problems: readonly string[];
}

/** Posts requests one after the other. */
export async function postTimes(
  url: string,
  batches: readonly ExportBatch[],
): Promise<PostTimes> {
  const times: number[] = [];
  const problems: string[] = [];
  for (const batch of batches) {
    const began = performance.now();
    const problem = await postBatch(url, batch);
    times.push(performance.now() - began);
    if (problem !== undefined) problems.push(problem);
  }
  const sorted = times.toSorted((a, b) => a - b);
  return { p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0, problems };
}
