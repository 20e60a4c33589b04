/**
 * Carries out the steps of an installation and remembers how to take each back: when the new service does not prove
 * itself, the old unit and the data are where they were. Everything can be done below a throw-away root.
 */

import {
  chownSync,
  cpSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  type Stats,
} from "node:fs";
import { dirname, join } from "node:path";
import { FleetError } from "../../foundation/errors.ts";
import { findAccount } from "../accounts.ts";
import { isSystemError, readIfPresent, writeDurably } from "../files.ts";
import { runTool, type SystemTools } from "./manager.ts";
import { accountCommand, type ServiceStep } from "./steps.ts";

/** The machine that is installed on: its tools, and the folder that stands for `/`. */
export interface ServiceHost {
  readonly platform: NodeJS.Platform;
  /** `/`, or a throw-away root in which no account is made and nothing is handed over. */
  readonly root: string;
  readonly tools: SystemTools;
}

/** Takes a step back. */
type Undo = () => void;

/** What an old copy of the program is called until the new one has proved itself. */
const OLD = ".old";

/** Returns the path below the host's root. */
export function onHost({ root }: ServiceHost, path: string): string {
  return root === "/" ? path : join(root, path);
}

/** What has been done so far. */
export class Performance {
  readonly #host: ServiceHost;
  readonly #undo: Undo[] = [];
  readonly #leftovers: string[] = [];

  constructor(host: ServiceHost) {
    this.#host = host;
  }

  /** Carries the step out; throws what the system says, after which `takeBack` undoes the steps before. */
  async perform(step: ServiceStep): Promise<void> {
    const undo = await carryOut(step, this.#host);
    if (undo !== undefined) this.#undo.push(undo);
    if (step.kind === "copy") this.#leftovers.push(onHost(this.#host, step.to) + OLD);
  }

  /** Removes what was kept for taking steps back; there is no way back afterwards. */
  settle(): void {
    this.#undo.length = 0;
    for (const path of this.#leftovers.splice(0)) rmSync(path, { recursive: true, force: true });
  }

  /** Undoes all steps, the last one first; commands are not undone. */
  takeBack(): void {
    for (const undo of this.#undo.splice(0).reverse()) undo();
  }
}

async function carryOut(step: ServiceStep, host: ServiceHost): Promise<Undo | undefined> {
  switch (step.kind) {
    case "account":
      return makeAccount(step.name, step.home, host);
    case "folder":
      return makeFolder(onHost(host, step.path), step.mode, await ownerOf(step.owner, host));
    case "move":
      return moveFolder(onHost(host, step.from), onHost(host, step.to), await ownerOf(step.owner, host));
    case "aside":
      return rename(onHost(host, step.path), onHost(host, step.to));
    case "copy":
      return copyProgram(step.from, onHost(host, step.to), step.parts);
    case "file":
      return writeFile(onHost(host, step.path), step.text, step.mode, await ownerOf(step.owner, host));
    case "remove":
      return removeFile(onHost(host, step.path));
    case "run":
      await runTool(step, host.tools);
      return undefined;
  }
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Resolves to the account that files are handed to; undefined when none is named, or without root, which that needs. */
async function ownerOf(name: string | undefined, host: ServiceHost): Promise<Owner | undefined> {
  if (name === undefined || process.geteuid?.() !== 0) return undefined;
  const account = await findAccount(name, host.platform, host.tools);
  if (account === undefined) throw new FleetError("SERVICE_REFUSED", `there is no account ${name}`);
  return account;
}

/** An account without files harms nobody, so it is not taken back. */
async function makeAccount(name: string, home: string, host: ServiceHost): Promise<undefined> {
  if ((await findAccount(name, host.platform, host.tools)) === undefined)
    await runTool({ words: accountCommand(name, home) }, host.tools);
  return undefined;
}

function makeFolder(path: string, mode: number, owner: Owner | undefined): Undo | undefined {
  if (existsSync(path)) return undefined;
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  mkdirSync(path, { mode });
  if (owner !== undefined) chownSync(path, owner.uid, owner.gid);
  return () => rmSync(path, { recursive: true, force: true });
}

function moveFolder(from: string, to: string, owner: Owner | undefined): Undo {
  mkdirSync(dirname(to), { recursive: true, mode: 0o755 });
  const before = lstatSync(from);
  if (!before.isDirectory()) throw new FleetError("FOLDER_UNSAFE", `${from} is not a folder`);
  requireOneOwner(from, before);
  moveTree(from, to);
  if (owner !== undefined) handOver(to, owner);
  return () => {
    if (owner !== undefined) handOver(to, before);
    moveTree(to, from);
  };
}

function rename(from: string, to: string): Undo {
  renameSync(from, to);
  return () => renameSync(to, from);
}

/** Another file system takes a copy; the original goes only when that is complete. */
function moveTree(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!isSystemError(error, "EXDEV")) throw error;
    cpSync(from, to, {
      recursive: true,
      preserveTimestamps: true,
      errorOnExist: true,
      force: false,
      filter: (path) => !isSocket(path),
    });
    rmSync(from, { recursive: true });
  }
}

function isSocket(path: string): boolean {
  return lstatSync(path).isSocket();
}

/** Never follows links: what is in the folder was put there by an account without our rights. */
function handOver(path: string, owner: Owner): void {
  for (const { entry } of walk(path)) lchownSync(entry, owner.uid, owner.gid);
}

/** Root hands nothing over that a person only linked here: another account's file under a name in this folder. */
function requireOneOwner(path: string, { uid }: Stats): void {
  for (const { entry, stats } of walk(path)) {
    if (stats.uid === uid && (stats.isDirectory() || stats.isSocket() || (stats.isFile() && stats.nlink === 1))) continue;
    throw new FleetError("FOLDER_UNSAFE", `${entry} is a link or belongs to another account than ${path}; move it away first`);
  }
}

function* walk(entry: string): Generator<{ readonly entry: string; readonly stats: Stats }> {
  const stats = lstatSync(entry);
  yield { entry, stats };
  if (stats.isDirectory()) for (const name of readdirSync(entry)) yield* walk(join(entry, name));
}

/** The new copy takes the old one's name at once; the old one comes back by its own. */
function copyProgram(from: string, to: string, parts: readonly string[]): Undo {
  const fresh = `${to}.new`;
  const old = to + OLD;
  rmSync(fresh, { recursive: true, force: true });
  rmSync(old, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true, mode: 0o755 });
  for (const part of parts) cpSync(join(from, part), join(fresh, part), { recursive: true, dereference: true });
  const had = existsSync(to);
  if (had) renameSync(to, old);
  renameSync(fresh, to);
  return () => {
    rmSync(to, { recursive: true, force: true });
    if (had) renameSync(old, to);
  };
}

function writeFile(path: string, text: string, mode: number, owner: Owner | undefined): Undo {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  const before = readIfPresent(path);
  writeDurably(path, text, mode);
  if (owner !== undefined) chownSync(path, owner.uid, owner.gid);
  return () => {
    if (before === undefined) rmSync(path, { force: true });
    else writeDurably(path, before, mode);
  };
}

function removeFile(path: string): Undo | undefined {
  const before = readIfPresent(path);
  if (before === undefined) return undefined;
  const { mode } = lstatSync(path);
  rmSync(path);
  return () => writeDurably(path, before, mode & 0o777);
}
