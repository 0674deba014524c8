/** What the command line ends with. */
export const EXIT_CODES = {
  ok: 0,
  /** The command ran, and what it looked at is not well. */
  unwell: 1,
  /** The command line, the configuration or a parameter is wrong. */
  usage: 2,
  /** What was asked for is not there. */
  notFound: 3,
  /** No key, a key that is not known, or one that may not. */
  refused: 4,
  /** The service cannot be reached, or has a passing fault. */
  unavailable: 5,
  /** A fault of the command line or of the service. */
  internal: 70,
  /** Ended by Ctrl-C. */
  interrupted: 130,
} as const;

/** A value of `EXIT_CODES`. */
export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];
