import { evictAllDurableObjects } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Bindings } from "../../src/bindings.ts";
import { directoryOf } from "../../src/directory/directory_stub.ts";
import { shardLayout } from "../../src/directory/shard_layout.ts";

const bindings: Bindings = { ...env };

test("shardLayout() extends the layout when another number is asked for, and for good", async () => {
  const tenant = "layout";
  const asked = { tenant, nowMs: Date.now() };
  const first = await shardLayout(bindings, { ...asked, shards: 1 });
  expect(first).toEqual([expect.objectContaining({ shards: 1 })]);
  await evictAllDurableObjects();
  const second = await shardLayout(bindings, { ...asked, shards: 4 });
  expect(second).toEqual([...first, expect.objectContaining({ shards: 4 })]);
  await evictAllDurableObjects();
  expect(await directoryOf(bindings, tenant).layout(4)).toEqual(second);
  // The version from before still runs.
  expect(await directoryOf(bindings, tenant).layout(1)).toEqual(second);
});
