/** Why bytes are not JSON; caught where reading began. */
export class JsonSyntaxFault extends Error {
  override readonly name = "JsonSyntaxFault";
  /** Offset of the first byte that cannot stand there. */
  readonly at: number;

  /** @param expected What could stand there: `a value`. */
  constructor(at: number, expected: string) {
    super(expected);
    this.at = at;
  }
}

/** Why JSON is not an OTLP request; caught where reading began. */
export class JsonTypeFault extends Error {
  override readonly name = "JsonTypeFault";
  /** Offset of the first byte of the value that is of a wrong type. */
  readonly at: number;

  /** @param expected What it has to be: `an array`. */
  constructor(at: number, expected: string) {
    super(expected);
    this.at = at;
  }
}

/** Why JSON is refused that is nested too deep; caught where reading began. */
export class JsonDepthFault extends Error {
  override readonly name = "JsonDepthFault";
  /** Offset of the first bracket that is too deep. */
  readonly at: number;

  constructor(at: number) {
    super("nested too deep");
    this.at = at;
  }
}
