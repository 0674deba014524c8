import type { GraphqlContext } from "./graphql_context.ts";
import type { MapView } from "./map_views.ts";

/** An answer, and the window of the map that it is from. */
export type InView<Answer> = Answer & { readonly view: MapView };

/** An answer that may have come as an event, from no window. */
export type MaybeInView<Answer> = Answer & { readonly view?: MapView };

/** The window that an answer is from; of an event, the one of now. */
export function viewOf(
  { view }: { readonly view?: MapView },
  { views }: GraphqlContext,
): MapView | Promise<MapView> {
  return view ?? views.view();
}

/** Answers from a window of the map. */
export function inView<Answer extends object>(
  view: MapView,
  answers: readonly Answer[],
): readonly InView<Answer>[] {
  return answers.map((answer) => ({ ...answer, view }));
}
