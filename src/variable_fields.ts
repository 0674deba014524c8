import * as z from "zod/mini";

/** Text that can stand in a header. */
export function headerText() {
  return z.optional(
    z.string().check(z.regex(/^[\x20-\x7e]*$/, "must be visible ASCII")),
  );
}

/** A whole number. */
export function wholeNumber(most: number, least = 1) {
  const problem = `must be a whole number from ${least} to ${most}`;
  return parsed((text) => {
    const value = Number(text);
    return /^\d{1,15}$/.test(text) && value >= least && value <= most
      ? value
      : null;
  }, problem);
}

/** A ratio from 0 to 1; null where the text is none. */
export function ratio(text: string): number | null {
  return /^(\d|\d?\.\d{1,15})$/.test(text) && Number(text) <= 1
    ? Number(text)
    : null;
}

/** What `read` makes of a text; where it is null, `problem` says what it must be. */
export function parsed<T>(read: (text: string) => T | null, problem: string) {
  return z.optional(z.pipe(
    z.string(problem),
    z.transform((text: string, context) => {
      const value = read(text);
      if (value !== null) return value;
      context.issues.push({ code: "custom", message: problem, input: text });
      return z.NEVER;
    }),
  ));
}
