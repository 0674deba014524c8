import { MIN_AFTER_MINUTES } from "./change_window.ts";
import type { Change } from "./correlation_input.ts";
import type { DriftFinding, JudgedEffect } from "./drift_finding.ts";
import { blameShare, isBelieved } from "./drift_verdict.ts";
import { effectText, lagText, percentText } from "./plain_words.ts";

/** Effects that the reasons tell of. */
const MAX_TOLD_EFFECTS = 5;

/** Why a verdict is what it is, in sentences, the most important first. */
export function driftReasons(
  finding: Omit<DriftFinding, "reasons"> & {
    readonly change: Change;
    /** Minutes that were asked for. */
    readonly question: number;
  },
): readonly string[] {
  const { verdict, touched, effects, controls, window, question } = finding;
  if (touched.size === 0) {
    return [
      "No service is known to run on this resource or on one within three " +
      "hops of it: push or pull the resource graph, and see that spans name " +
      "their resource (cloud.resource_id, host.id, k8s.pod.name).",
    ];
  }
  if (window.after < MIN_AFTER_MINUTES) {
    return [
      `Only ${Math.max(0, window.after)} minutes have passed since the ` +
      `change: ask again ${MIN_AFTER_MINUTES} minutes after it.`,
    ];
  }
  if (verdict === "not_enough_data") {
    return [
      `The ${touched.size} nodes that this change can touch had too few ` +
      `requests in the ${question} minutes before or after it, or too little ` +
      "is known of other times to tell chance from effect.",
    ];
  }
  const believed = effects.filter(isBelieved);
  const looked = `${effects.length} figures of ${touched.size} nodes that ` +
    `this change can touch, and of who calls them, were looked at` +
    (controls > 0 ? `, less what ${controls} other edges did.` : ".");
  const young = effects.every(({ calibrated }) => !calibrated)
    ? [
      "Too few hours before the change are known to learn what is usual: " +
      "this compares the minutes before and after alone.",
    ]
    : [];
  if (verdict === "no_effect") {
    return ["None of them changed more than chance allows.", looked, ...young];
  }
  return [
    ...believed
      .toSorted((a, b) => blameShare(b) - blameShare(a) || a.q - b.q)
      .slice(0, MAX_TOLD_EFFECTS)
      .map(effectReason),
    ...competingReasons(finding),
    looked,
    ...young,
  ];
}

function effectReason(effect: JudgedEffect): string {
  const { blame, lag } = effect;
  const text = `${effectText(effect)}, ${lagText(lag)}`;
  if (blame === null) return `${text}.`;
  if (!blame.timely) return `${text}: that is not when this change would show.`;
  if (blame.touchedShare < 0.5) {
    const where = blame.root === null ? "elsewhere" : `at ${blame.root}`;
    return `${text}: but most of it sits ${where}, which this change does ` +
      "not touch.";
  }
  const where = blame.root === null ? "" : ` It sits at ${blame.root}.`;
  return `${text}.${where}`;
}

function competingReasons(
  { competing }: Pick<DriftFinding, "competing">,
): readonly string[] {
  const [first] = competing;
  if (first === undefined) return [];
  const others = competing.length > 1
    ? ` and ${competing.length - 1} more`
    : "";
  return [
    `${first.id}${others} came at about the same time and can have done it, ` +
    `too: ${percentText(first.share)} of the blame is its.`,
  ];
}
