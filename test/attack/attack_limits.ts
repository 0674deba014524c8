import type { AttackReport } from "./attack_trial.ts";

const MIB = 1024 * 1024;

/** What an attack may leave, whatever its length: more is a leak. */
export const ATTACK_LIMITS = {
  objects: 220,
  mostRows: 64,
  historyRows: 5000,
  diskBytes: 512 * MIB,
  memoryBytes: 1536 * MIB,
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
