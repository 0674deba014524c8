import type { Candidate } from "../anomaly/anomaly.ts";
import { DEFAULT_TENANT } from "../object_names.ts";
import type { Alert } from "./alert.ts";
import { alertText } from "./alert_text.ts";

/** Candidates that a message names. */
export const MAX_SLACK_CANDIDATES = 3;
/** Reasons of each. */
export const MAX_SLACK_REASONS = 3;
/**
 * UTF-16 units of one text of a message, after escaping.
 *
 * Source: Slack, "Block Kit: text object" (3000 characters in a section).
 */
export const MAX_SLACK_TEXT = 3000;

/** A message as Slack's incoming webhooks take it. */
export interface SlackMessage {
  /** Shown where blocks are not. */
  readonly text: string;
  readonly blocks: readonly {
    readonly type: "section";
    readonly text: { readonly type: "mrkdwn"; readonly text: string };
  }[];
}

/** An alert for Slack: what happened, and what may be behind it. */
export function slackMessage(alert: Alert): SlackMessage {
  const { type, tenant, anomaly, candidates } = alert;
  const isRaised = type === "anomaly.raised";
  const mark = isRaised ? ":rotating_light:" : ":white_check_mark:";
  const whose = tenant === DEFAULT_TENANT ? "" : `[${tenant}] `;
  const what = escaped(whose + alertText(alert));
  const facts = [
    `severity ${anomaly.severity}`,
    `anomaly \`${escaped(anomaly.id)}\``,
    ...anomaly.sampleTraces.slice(0, 1).map((id) => `trace \`${id}\``),
  ];
  const sections = [
    `${mark} *${what}*`,
    facts.join(" · "),
    ...isRaised ? [candidatesText(candidates)] : [],
  ];
  return {
    text: shortened(what),
    blocks: sections.map((text) => ({
      type: "section",
      text: { type: "mrkdwn", text: shortened(text) },
    })),
  };
}

function candidatesText(candidates: readonly Candidate[] | null): string {
  if (candidates === null) return "Which change is behind it is not known yet.";
  const [first, ...others] = candidates.slice(0, MAX_SLACK_CANDIDATES);
  if (first === undefined) return "No change of the hours before is known.";
  return ["Changes that may be behind it:", first, ...others]
    .map((one) => typeof one === "string" ? one : candidateText(one))
    .join("\n");
}

function candidateText(candidate: Candidate): string {
  const { rank, driftEvent, score, path, reasons } = candidate;
  const way = path.length === 0
    ? "no way to the service is known"
    : path.join(" → ");
  return [
    `*${rank}.* \`${escaped(driftEvent)}\` (${score.toFixed(2)}): ${
      escaped(way)
    }`,
    ...reasons.slice(0, MAX_SLACK_REASONS).map((one) => `> ${escaped(one)}`),
  ].join("\n");
}

/** Source: Slack, "Formatting text": these three alone are to be escaped. */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

// An escape that is cut in the middle would show as it stands.
function shortened(text: string): string {
  return text.length <= MAX_SLACK_TEXT
    ? text
    : `${text.slice(0, MAX_SLACK_TEXT - 1).replace(/&[a-z]{0,3}$/, "")}…`;
}
