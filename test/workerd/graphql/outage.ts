import { expect, vi } from "vitest";
import {
  REQUESTS_PER_MINUTE,
  STORY_GRAPH,
  storyRequests,
} from "../../correlation/outage_story.ts";
import { ask } from "../access/closed_service.ts";

const MINUTE_MS = 60_000;
const BEFORE_MINUTES = 6 * 60;
const AFTER_MINUTES = 60;

/** The resources of the outage. */
export const OUTAGE_GRAPH = STORY_GRAPH;

/** A database that is shut off by the change `sg-closed`. */
export interface Outage {
  /** ms since the epoch. */
  readonly changeMs: number;
}

/** Posts hours of traffic, and the changes; the graph is the caller's to put. */
export async function postOutage(key: string): Promise<Outage> {
  const nowMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  const changeMs = nowMs - (AFTER_MINUTES + 1) * MINUTE_MS;
  const endMs = changeMs + AFTER_MINUTES * MINUTE_MS;
  const requests = storyRequests({
    startMs: changeMs - BEFORE_MINUTES * MINUTE_MS,
    changeMs,
    endMs,
  });
  for (const body of requests) {
    // As an exporter does, where there is too much at once.
    await vi.waitFor(async () => {
      const posted = await ask("/v1/traces", { method: "POST", key, body });
      await posted.body?.cancel();
      expect(posted.status).toBe(200);
    }, { timeout: 20_000, interval: 500 });
  }
  const timestamp = new Date(changeMs).toISOString();
  const told = { type: "modified", severity: "high", timestamp };
  const posted = await ask("/api/v1/drift-events", {
    method: "POST",
    key,
    body: [
      {
        ...told,
        id: "sg-closed",
        resource_id: "sg-123456",
        resource_type: "security_group",
      },
      {
        ...told,
        id: "rds-resized",
        resource_id: "aws:rds:rds-prod-01",
        resource_type: "rds",
      },
      {
        ...told,
        id: "api-resized",
        resource_id: "aws:ec2:i-api",
        resource_type: "ec2",
      },
    ],
  });
  expect(posted.status).toBe(201);
  await vi.waitFor(async () => {
    const path = `/api/v1/services/api?start=${changeMs}&end=${endMs}`;
    expect(await (await ask(path, { key })).json()).toMatchObject({
      request_count: AFTER_MINUTES * REQUESTS_PER_MINUTE,
    });
  }, { timeout: 60_000, interval: 500 });
  return { changeMs };
}
