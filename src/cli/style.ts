import { styleText } from "node:util";

/** How a text is shown; on what has no colours each answers it as it is. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
}

/** The styles of a terminal with or without colours. */
export function styleOf(colours: boolean): Style {
  return {
    bold: styled("bold"),
    dim: styled("dim"),
    red: styled("red"),
    green: styled("green"),
    yellow: styled("yellow"),
  };

  function styled(name: keyof Style) {
    return (text: string) =>
      colours ? styleText(name, text, { validateStream: false }) : text;
  }
}
