const G = 7;
const FIRST = 0.99999999999980993;
const COEFFICIENTS = [
  676.5203681218851,
  -1259.1392167224028,
  771.32342877765313,
  -176.61502916214059,
  12.507343278686905,
  -0.13857109526572012,
  9.9843695780195716e-6,
  1.5056327351493116e-7,
] as const;

/**
 * The natural logarithm of the gamma function, to about 14 digits.
 *
 * Source: Lanczos approximation, g = 7, n = 9.
 *
 * @param x 0.5 or more.
 */
export function logGamma(x: number): number {
  const shifted = x - 1;
  let sum = FIRST;
  for (const [index, coefficient] of COEFFICIENTS.entries()) {
    sum += coefficient / (shifted + index + 1);
  }
  const t = shifted + G + 0.5;
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t +
    Math.log(sum);
}

/** ln n!, for n of 0 or more. */
export function logFactorial(n: number): number {
  return logGamma(n + 1);
}
