import type { AttackReport } from "./attack_trial.ts";

const MIB = 1024 * 1024;

/** What an attack may leave, however long: 1.5 times what one has left. */
export const ATTACK_LIMITS = {
  /**
   * Beside those of hostile services: of 13 honest ones in each of two tenants,
   * of what overflows, and of each tenant's shard, directory and counters.
   */
  otherObjects: 50,
  /** Ten windows and what was pending: more only for each further minute. */
  mostRows: 20,
  /** A row for each service, and for each of its minutes that have ended. */
  historyRows: 700,
  diskBytes: 42 * MIB,
  memoryBytes: 600 * MIB,
} as const;

/** Where an attack has left more than it may. */
export function attackProblems(report: AttackReport): string[] {
  const names = Object.keys(ATTACK_LIMITS) as (keyof typeof ATTACK_LIMITS)[];
  const problems = names.flatMap((name) => {
    const value = report[name] ?? 0;
    const most = ATTACK_LIMITS[name];
    return value <= most ? [] : [`${name} is ${value}, beyond ${most}`];
  });
  const { hostileServices, mostHostileServices } = report;
  return hostileServices === mostHostileServices ? problems : [
    ...problems,
    `${hostileServices} hostile services got in, not ${mostHostileServices}`,
  ];
}
