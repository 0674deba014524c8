/** Prints a table for people, then one line of JSON for machines. */
export function printFigures(figures: object): void {
  for (const [part, values] of Object.entries(figures)) {
    process.stdout.write(`\n${part}\n`);
    if (typeof values === "object") printRows(values as object);
  }
  process.stdout.write(`\n${JSON.stringify(figures)}\n`);
}

function printRows(values: object, prefix = ""): void {
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === "object") printRows(value, `${prefix}${name}.`);
    else {
      const label = `${prefix}${name}`.padEnd(32);
      process.stdout.write(`  ${label}${shown(value).padStart(20)}\n`);
    }
  }
}

function shown(value: unknown): string {
  if (typeof value !== "number") return String(value);
  return value.toLocaleString("en", {
    maximumFractionDigits: Math.abs(value) < 100 ? 2 : 0,
  });
}
