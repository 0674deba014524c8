/** One step of an object's own schema; never changed once deployed. */
export interface SchemaStep {
  /** Sorts after the step before it: `000_…`, `001_…`. */
  readonly id: string;
  readonly statements: readonly string[];
}

/**
 * Brings an object's tables up to date: runs the steps that have not run yet,
 * in order, each in one transaction with the note that it ran.
 *
 * @throws {RangeError} Where the storage is ahead of the code or has other
 *   steps: an older deployment must not write to it.
 */
export function applySchemaSteps(
  storage: DurableObjectStorage,
  steps: readonly SchemaStep[],
): void {
  storage.sql.exec(
    "CREATE TABLE IF NOT EXISTS schema_step (id TEXT PRIMARY KEY) WITHOUT ROWID",
  );
  const applied = storage.sql
    .exec<{ id: string }>("SELECT id FROM schema_step ORDER BY id")
    .toArray();
  applied.forEach(({ id }, at) => {
    if (steps[at]?.id !== id) {
      throw new RangeError(
        `Cannot use the storage: step ${at} is "${id}", this code has "${
          steps[at]?.id ?? "none"
        }"`,
      );
    }
  });
  for (const step of steps.slice(applied.length)) {
    storage.transactionSync(() => {
      for (const statement of step.statements) storage.sql.exec(statement);
      storage.sql.exec("INSERT INTO schema_step (id) VALUES (?)", step.id);
    });
  }
}
