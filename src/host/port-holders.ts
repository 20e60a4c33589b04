/** Who has a port of this machine, by the kernel's tables on Linux and `lsof` on macOS. Other accounts' programs may be hidden. */

import { readlinkSync } from "node:fs";
import { connect } from "node:net";
import { runChild } from "./child.ts";
import { namesOrNone, textOrEmpty } from "./files.ts";

/** Which ports. */
export type PortKind = "tcp" | "udp";

/** A program that listens; pid and name are undefined where this account may not see them. */
export interface Holder {
  readonly pid: number | undefined;
  readonly program: string | undefined;
}

/** What is read to find out; tests hand in tables. */
export interface ProcessTables {
  /** Text of a file below /proc, empty when it cannot be read. */
  readonly text: (path: string) => string;
  /** Names in a folder, none when it cannot be read. */
  readonly names: (folder: string) => readonly string[];
  /** Where a symbolic link leads, empty when it cannot be read. */
  readonly link: (path: string) => string;
  /** What a program prints, empty when it fails. */
  readonly output: (command: string, args: readonly string[]) => Promise<string>;
}

/** Milliseconds that something on this machine may take to accept. */
const ACCEPT_TIME = 1000;

/** Milliseconds that lsof may take. */
const LSOF_TIME = 3000;

/** States of sockets that take what comes in: TCP's LISTEN, UDP's unconnected. */
const OPEN: Readonly<Record<PortKind, string>> = { tcp: "0A", udp: "07" };

/** This machine's tables and tools. */
export const systemTables: ProcessTables = {
  text: textOrEmpty,
  names: namesOrNone,
  link: linkOrEmpty,
  output: async (command, args) => {
    const ran = await runChild(command, [...args], { timeout: LSOF_TIME }).catch(() => undefined);
    return ran?.stdout ?? "";
  },
};

function linkOrEmpty(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

/** Resolves to whether anybody accepts connections at the port, on either loopback. */
export async function isTaken(port: number): Promise<boolean> {
  return (await accepts("127.0.0.1", port)) || accepts("::1", port);
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: ACCEPT_TIME });
    const settle = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket
      .once("connect", () => settle(true))
      .once("error", () => settle(false))
      .once("timeout", () => settle(false));
  });
}

/** Resolves to the programs that hold the port, this process left out; never rejects. */
export async function holdersOf(
  kind: PortKind,
  port: number,
  platform: NodeJS.Platform,
  tables: ProcessTables = systemTables,
): Promise<readonly Holder[]> {
  const all = platform === "darwin" ? await askLsof(kind, port, tables) : readProc(kind, port, tables);
  return all.filter(({ pid }) => pid !== process.pid);
}

/** Returns the holders as part of a sentence. */
export function sayHolders(holders: readonly Holder[]): string {
  if (holders.length === 0) return "a program that this account cannot see";
  const said = holders.map(({ pid, program }) =>
    pid === undefined ? "a program of another account" : `${program ?? "a program"} (process ${pid})`,
  );
  return [...new Set(said)].join(", ");
}

function readProc(kind: PortKind, port: number, tables: ProcessTables): readonly Holder[] {
  const inodes = new Set([kind, `${kind}6`].flatMap((name) => inodesIn(tables.text(`/proc/net/${name}`), port, OPEN[kind])));
  if (inodes.size === 0) return [];
  const seen = new Set<string>();
  const holders = tables
    .names("/proc")
    .filter((name) => /^[0-9]+$/.test(name))
    .flatMap((pid): readonly Holder[] => {
      const held = socketsOf(pid, tables).filter((inode) => inodes.has(inode));
      for (const inode of held) seen.add(inode);
      if (held.length === 0) return [];
      return [{ pid: Number(pid), program: tables.text(`/proc/${pid}/comm`).trim() || undefined }];
    });
  const hidden = [...inodes].some((inode) => !seen.has(inode));
  return hidden ? [...holders, { pid: undefined, program: undefined }] : holders;
}

/** Rows of proc_net(5): number, local address and port in hex, remote, state, … , inode as the tenth word. */
function inodesIn(table: string, port: number, state: string): readonly string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return table.split("\n").flatMap((row) => {
    const words = row.trim().split(/\s+/);
    return words[1]?.endsWith(suffix) === true && words[3] === state ? [words[9] ?? ""] : [];
  });
}

function socketsOf(pid: string, tables: ProcessTables): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  return tables.names(folder).flatMap((name) => /^socket:\[([0-9]+)\]$/.exec(tables.link(`${folder}/${name}`))?.[1] ?? []);
}

/** `lsof -F` prints a line for each field: `p` and the pid, then `c` and the command's name. */
async function askLsof(kind: PortKind, port: number, tables: ProcessTables): Promise<readonly Holder[]> {
  const which = kind === "tcp" ? [`-iTCP:${port}`, "-sTCP:LISTEN"] : [`-iUDP:${port}`];
  const text = await tables.output("/usr/sbin/lsof", ["-nP", ...which, "-Fpc"]);
  return [...text.matchAll(/^p([0-9]+)\nc(.*)$/gm)].map(([, pid, program]) => ({ pid: Number(pid), program }));
}
