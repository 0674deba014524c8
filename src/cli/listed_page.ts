/**
 * A page of a list, and that there are more where they are.
 *
 * @param next Where the next page begins; null: there is none.
 * @param how What shows more, as in `a higher --limit`.
 */
export function listedPage(
  page: string,
  next: string | null,
  { how = "a higher --limit" }: { readonly how?: string } = {},
): string {
  return next === null ? page : `${page}There are more: give ${how}.\n`;
}
