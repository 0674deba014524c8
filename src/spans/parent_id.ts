const ID = /^[0-9a-f]{16}$/;
const NO_ID = "0".repeat(16);

/** A parent's id, as hex in lower case; "", for a root, where it is none. */
export function parentIdOf(hex: string): string {
  return ID.test(hex) && hex !== NO_ID ? hex : "";
}
