/** How long and how much is kept. */
export interface RetentionLimits {
  /** ms. */
  readonly ageMs: number;
  /** On disk, deflated. */
  readonly bytes: number;
}
