import { type ChildProcess, spawn } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";

/**
 * Waits for its input to end without a line, which happens when the process
 * that holds the other end is gone, and then ends the process given as `$0`.
 */
const WATCH = `trap "" INT TERM HUP; read -r line || kill -9 "$0" 2>/dev/null`;

/** How often a process that npm runs looks whether npm is still there. */
const PARENT_CHECK_MS = 500;

/**
 * Ends this process when it runs under npm and npm ends without passing the
 * signal on.
 */
export function endWithNpm(): void {
  if (process.env["npm_lifecycle_event"] === undefined) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(0);
  }, PARENT_CHECK_MS).unref();
}

/**
 * Lets no workerd outlive this process: killed with SIGKILL, it cannot end its
 * children itself, and a workerd left behind would keep the port and the
 * storage. A small shell process watches each workerd for it. Does nothing on
 * Windows, which has no such shell.
 */
export function endWorkerdWithParent(): void {
  if (process.platform === "win32") return;
  subscribe("child_process", (message) => {
    const { process: child } = message as { readonly process: ChildProcess };
    child.once("spawn", () => {
      if (child.spawnfile.endsWith("workerd")) watch(child);
    });
  });
}

function watch(workerd: ChildProcess): void {
  const watcher = spawn("sh", ["-c", WATCH, String(workerd.pid)], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  watcher.on("error", () => undefined);
  watcher.stdin.on("error", () => undefined);
  watcher.unref();
  workerd.once("exit", () => watcher.stdin.end("ended\n"));
}
