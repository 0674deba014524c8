/** A text with its variables filled in, or the one that is not set. */
export type Substitution =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly missing: string };

const VARIABLE = /\$(?:\$|\{(?:env:)?(\w+)\})/g;

/**
 * Fills in `${NAME}` and `${env:NAME}`; `$$` is a `$`.
 *
 * @example
 * ```ts
 * import { substitute } from "../src/gateway/substitute.ts";
 *
 * expect(substitute("a ${KEY} $$", { KEY: "b" }))
 *   .toEqual({ ok: true, text: "a b $" });
 * expect(substitute("${env:KEY}", {})).toEqual({ ok: false, missing: "KEY" });
 * ```
 */
export function substitute(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): Substitution {
  const missing = [...text.matchAll(VARIABLE)].map(([, name]) => name)
    .find((name) => name !== undefined && environment[name] === undefined);
  if (missing !== undefined) return { ok: false, missing };
  const whole = text.replaceAll(
    VARIABLE,
    (_, name: string | undefined) =>
      name === undefined ? "$" : environment[name] ?? "",
  );
  return { ok: true, text: whole };
}
