import { env } from "cloudflare:workers";
import { expect, inject, test } from "vitest";
import { MAX_DRIFT_ID_LENGTH } from "../../../src/drift/drift_limits.ts";
import { readDrift } from "../../../src/drift/drift_store.ts";
import { findDrift } from "../../../src/drift/find_drift.ts";

const NOW_MS = Date.parse("2026-01-31T14:40:00Z");

/** A DeepDrift that knows one event. */
async function deepDrift(id: string): Promise<string> {
  const url = `${inject("targetUrl")}/echo/${crypto.randomUUID()}`;
  await fetch(`${url}/api/v1/drifts/${id}`, {
    method: "POST",
    body: JSON.stringify({
      id: "its own name",
      resource_id: "aws:sg:sg-9",
      type: "deleted",
      timestamp: NOW_MS,
    }),
  });
  return url;
}

async function found(tenant: string, id: string, url: string | null) {
  try {
    const { resourceId } = await findDrift(env, id, {
      tenant,
      settings: { deepdrift: url === null ? null : { url, apiKey: null } },
      nowMs: NOW_MS,
    });
    return resourceId;
  } catch (error) {
    return (error as { status?: number }).status;
  }
}

test("findDrift() asks DeepDrift for default alone, and stores what it says under the id asked for", async () => {
  const url = await deepDrift("d-9");
  expect(await found("other", "d-9", url)).toBe(404);
  expect(await found("default", "d-9", null)).toBe(404);
  expect(await found("default", "d-8", url)).toBe(404);
  expect(await found("default", "d-9", url)).toBe("aws:sg:sg-9");
  expect(await readDrift(env.DB, "default", "d-9"))
    .toMatchObject({ id: "d-9", type: "deleted" });
  expect(await readDrift(env.DB, "other", "d-9")).toBe(null);
  // Now it is known, also by its resource.
  expect(await found("default", "d-9", null)).toBe("aws:sg:sg-9");
  expect(await found("default", "sg-9", null)).toBe("aws:sg:sg-9");
});

test("findDrift() asks for no id that is too long to be stored", async () => {
  const most = "d".repeat(MAX_DRIFT_ID_LENGTH);
  const url = await deepDrift(most);
  expect(await found("default", most, url)).toBe("aws:sg:sg-9");
  const more = `${most}d`;
  expect(await found("default", more, await deepDrift(more))).toBe(404);
});
