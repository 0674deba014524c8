import type { MapView } from "./map_views.ts";

/** An answer, and the window of the map that it is from. */
export type InView<Answer> = Answer & { readonly view: MapView };

/** Answers from a window of the map. */
export function inView<Answer extends object>(
  view: MapView,
  answers: readonly Answer[],
): readonly InView<Answer>[] {
  return answers.map((answer) => ({ ...answer, view }));
}
