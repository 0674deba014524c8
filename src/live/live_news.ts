import type { DriftAnswer } from "../drift/drift_answer.ts";
import type { LiveEvent } from "./live_event.ts";

/** What became known beside the map. */
export type LiveNews = Extract<
  LiveEvent,
  { readonly event: "drift" | "anomaly" }
>;

/** Changes of the infrastructure, as listeners are told of them. */
export function driftNews(drifts: readonly DriftAnswer[]): LiveNews[] {
  return drifts.map((data) => ({ event: "drift", data }));
}

/** The nodes that it is about; null: it may be about any. */
export function nodesOf(news: LiveNews): readonly string[] | null {
  if (news.event === "drift") return null;
  const { service, edge } = news.data;
  return edge === null ? [service] : [service, edge.from, edge.to];
}
