import { createHash } from "node:crypto";
import { mkdir, realpath, rm, stat } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** How long a start waits for the last process to let go of its folder. */
export const FOLDER_WAIT_MS = 3000;

/** The folder cannot be used: it is held, or cannot be made. */
export class DataFolderError extends Error {
  override readonly name = "DataFolderError";
}

/**
 * Makes the folder of the local storage and holds it until this process ends,
 * however it ends: two that write the same storage would spoil it. What is held
 * is a local socket, which the system closes with the process.
 *
 * @throws {DataFolderError} Where it cannot be made, or another process still
 * holds it after FOLDER_WAIT_MS.
 */
export async function holdDataFolder(folder: string): Promise<void> {
  await makeFolder(folder);
  const socket = socketOf(await realpath(folder));
  const deadline = Date.now() + FOLDER_WAIT_MS;
  while (!await hold(socket)) {
    if (await isHeld(socket)) {
      if (Date.now() > deadline) {
        throw new DataFolderError(
          `Cannot use ${folder}: another process serves from it already ` +
            "(end it, or set TRACECORE_DATA to another folder)",
        );
      }
      await delay(100);
    } else {
      // Left behind by a process that was killed.
      await rm(socket, { force: true });
    }
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && (await stat(folder)).isDirectory()) return;
    // Not by `recursive`, which never ends where parents exist and refuse.
    if (code === "ENOENT" && !await exists(dirname(folder))) {
      await makeFolder(dirname(folder));
      await makeFolder(folder);
      return;
    }
    throw new DataFolderError(
      `Cannot use ${folder} for the local storage: ${message} ` +
        "(set TRACECORE_DATA to another folder)",
    );
  }
}

function exists(folder: string): Promise<boolean> {
  return stat(folder).then(() => true, () => false);
}

/**
 * Outside of the folder, since a socket's path may have 100 bytes or so, and
 * not where TMPDIR says, which can differ between two processes.
 */
function socketOf(folder: string): string {
  const digest = createHash("sha256").update(folder).digest("hex").slice(0, 16);
  return process.platform === "win32"
    ? `\\\\.\\pipe\\tracecore-${digest}`
    : `/tmp/tracecore-${digest}.sock`;
}

/** Where the system has no place for sockets, nothing can be held. */
function hold(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer((connection) => connection.destroy());
    server.once("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code !== "EADDRINUSE");
    });
    server.listen(socket, () => {
      server.unref();
      process.once("exit", () => server.close());
      resolve(true);
    });
  });
}

function isHeld(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    connection.once("connect", () => {
      connection.destroy();
      resolve(true);
    });
    connection.once("error", () => resolve(false));
  });
}
