import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { tryCli } from "./cli_trial.ts";

test.each([
  ["tracecore se", ["services", "servicemap", "send"]],
  ["tracecore keys ro", ["rotate"]],
  ["tracecore keys create --sc", ["--scope"]],
  ["tracecore keys create --scope ", ["ingest", "read", "admin"]],
  ["tracecore servicemap --direction ", ["up", "down", "both"]],
  ["tracecore query --min", ["--min-duration"]],
  ["tracecore completion --js", ["--json"]],
])("bash completes %j with %j", async (line, words) => {
  const { stdout: script } = await tryCli(["completion", "bash"]);
  expect(completedByBash(script, line).toSorted()).toEqual(words.toSorted());
});

test("zsh and fish get scripts that name every command", async () => {
  const help = await tryCli(["--help"]);
  const commands = [...help.stdout.matchAll(/^ {2}([a-z]+) .*$/gm)]
    .map(([, name = ""]) => name).filter((name) => name !== "help");
  expect(commands).toContain("correlate");
  for (const shell of ["zsh", "fish"]) {
    const { stdout } = await tryCli(["completion", shell]);
    for (const command of commands) expect(stdout).toContain(command);
  }
});

/** What bash itself makes of a line whose last word is being typed. */
function completedByBash(script: string, line: string): string[] {
  const words = line.split(" ");
  const program = `${script}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")})
COMP_CWORD=${words.length - 1}
_tracecore
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const output = execFileSync("bash", ["--norc", "-c", program], {
    encoding: "utf8",
  });
  return output.split("\n").filter((word) => word !== "");
}
