import { readdirSync, readFileSync } from "node:fs";

/**
 * The resident memory of the largest process of a group, bytes: of workerd,
 * where the group is a service. null where the system does not tell.
 */
export function residentMemory(group: number): number | null {
  try {
    const bytes = readdirSync("/proc").filter((name) => /^\d+$/.test(name))
      .map((pid) => processOf(pid)).filter((process) => process.group === group)
      .filter(({ name }) => name === "workerd").map(({ bytes }) => bytes);
    return bytes.length === 0 ? null : Math.max(...bytes);
  } catch {
    return null;
  }
}

function processOf(pid: string) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name is in parentheses and may hold anything; after it come the
    // state, the parent and the group.
    const end = stat.lastIndexOf(")");
    const name = stat.slice(stat.indexOf("(") + 1, end);
    const group = Number(stat.slice(end + 2).split(" ")[2]);
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const kib = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
    return { name, group, bytes: kib * 1024 };
  } catch {
    // It has ended meanwhile.
    return { name: "", group: -1, bytes: 0 };
  }
}
