// Installs what package-lock.json names where that is not there yet, then runs
// a TypeScript program under the project's own Node:
//
//   node src/local/run.mjs src/local/start.ts
//
// Plain JavaScript without dependencies: it has to work on the machine's Node
// before anything is installed.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

const root = resolve(fileURLToPath(import.meta.url), "../../..");
const binaries = join(root, "node_modules", ".bin");
const ownNode = join(
  root,
  "node_modules",
  "node",
  "bin",
  process.platform === "win32" ? "node.exe" : "node",
);

function packagesOf(lockFile) {
  return JSON.parse(readFileSync(lockFile, "utf8")).packages;
}

/** Whether every package that the lock file asks of this machine is there. */
function isInstalled() {
  const installedLock = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(installedLock) || !existsSync(ownNode)) return false;
  const installed = packagesOf(installedLock);
  const wanted = packagesOf(join(root, "package-lock.json"));
  return Object.entries(wanted).every(([path, { version, optional }]) =>
    path === "" || optional || installed[path]?.version === version
  );
}

async function install() {
  process.stdout.write("Installing the packages of package-lock.json …\n");
  const began = Date.now();
  const npm = process.env.npm_execpath;
  const options = ["ci", "--loglevel=error", "--no-fund", "--no-audit"];
  const child = npm === undefined
    ? spawn("npm", options, { cwd: root, shell: process.platform === "win32" })
    : spawn(process.execPath, [npm, ...options], { cwd: root });
  let output = "";
  child.stdout.on("data", (text) => output += text);
  child.stderr.on("data", (text) => output += text);
  passSignals(child);
  const code = await new Promise((settle) => {
    child.once("error", (error) => {
      output += `${error.message}\n`;
      settle(1);
    });
    child.once("close", settle);
  });
  if (code !== 0) {
    process.stderr.write(`${output}Cannot install: npm ci failed\n`);
    process.exit(1);
  }
  stopPassingSignals();
  const seconds = ((Date.now() - began) / 1000).toFixed(0);
  process.stdout.write(`Installed in ${seconds} s\n`);
}

function passSignals(child) {
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
}

function stopPassingSignals() {
  for (const signal of SIGNALS) process.removeAllListeners(signal);
}

/** Runs the program in a process of its own, as long as this one lives. */
function runElsewhere(program, programArguments) {
  const child = spawn(ownNode, [program, ...programArguments], {
    env: {
      ...process.env,
      PATH: `${binaries}${delimiter}${process.env.PATH ?? ""}`,
    },
    // The channel's end tells the program that this process is gone.
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  passSignals(child);
  child.on("exit", (code, signal) => {
    process.exit(code ?? 128 + constants.signals[signal]);
  });
}

const [program, ...programArguments] = process.argv.slice(2);
if (!isInstalled()) await install();
if (realpathSync(process.execPath) === realpathSync(ownNode)) {
  process.argv.splice(1, 1);
  await import(pathToFileURL(resolve(root, program)).href);
} else {
  runElsewhere(resolve(root, program), programArguments);
}
