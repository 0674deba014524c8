import { isTimely } from "./cause_weight.ts";
import type { LocatedRoot, RankedChange } from "./incident_finding.ts";
import { percentText } from "./plain_words.ts";
import type { SymptomFinding } from "./symptom.ts";

/** Why a change stands where it stands, in sentences. */
export function candidateReasons(
  { linked, touch, atRoot, lag }: RankedChange,
  { symptom, roots, service }: {
    readonly symptom: SymptomFinding | null;
    readonly roots: readonly LocatedRoot[];
    readonly service: string;
  },
): readonly string[] {
  const [root] = roots;
  return [
    linkReason({ linked, touch, atRoot }, service),
    lag.most <= 0
      ? "It began in the minute of the change."
      : lag.least === lag.most
      ? `It began ${lag.least} minutes after the change.`
      : `It began ${Math.max(0, lag.least)} to ${lag.most} minutes after the ` +
        "change.",
    ...(isTimely(lag) ? [] : ["That is late for an effect of a change."]),
    ...(symptom === null
      ? [`Nothing rose at ${service} in that time more than chance allows.`]
      : root === undefined
      ? ["The excess sits in no part in particular."]
      : [
        `${percentText(root.explained)} of the excess sits at ` +
        `${root.part.node}${
          root.part.kind === "network"
            ? `, on the way from ${root.part.from}`
            : ""
        }.`,
      ]),
  ];
}

function linkReason(
  { linked, touch, atRoot }: Pick<RankedChange, "linked" | "touch" | "atRoot">,
  service: string,
): string {
  if (!linked || touch === null) {
    return `It is linked to nothing that ${service} waits for.`;
  }
  const path = [...touch.path, touch.node].join(" → ");
  return atRoot
    ? `It reaches what broke: ${path}.`
    : `It reaches ${touch.node}, which is not what broke: ${path}.`;
}
