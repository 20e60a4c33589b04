/**
 * A folder whose files are served as they are: of a few types, without listings, hidden files, escapes, or links that lead
 * elsewhere. Who may write the folder may not be who runs the node, so a link that comes and goes while a file is opened
 * must not show them a file of the node's either.
 */

import { constants } from "node:fs";
import { type FileHandle, open, readlink, realpath } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { FleetError } from "../foundation/errors.ts";
import { LIMITS } from "./limits.ts";

/** A file that is open and stays what it is when its name becomes another's. Whoever is given it closes it. */
export interface StaticFile {
  readonly handle: FileHandle;
  /** Media type. */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  /** Entity tag (RFC 9110 §8.8.3), weak: it is made of size and time. */
  readonly tag: string;
}

/** By the ending of the name; what is not here is not served. */
const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  mjs: "text/javascript; charset=utf-8",
  json: "application/json",
  map: "application/json",
  webmanifest: "application/manifest+json",
  txt: "text/plain; charset=utf-8",
  svg: "image/svg+xml",
  png: "image/png",
  jpg: "image/jpeg",
  webp: "image/webp",
  ico: "image/x-icon",
  woff2: "font/woff2",
};

const INDEX = "index.html";

/** One step of a path: never hidden, never `..`, never an escape. */
const STEP = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,254}$/;

/**
 * No link at the end of the path, and no pipe that nobody writes to. macOS (11 on) refuses links on the whole way, which
 * Node has no name for: O_NOFOLLOW_ANY of its fcntl.h.
 */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | (process.platform === "darwin" ? 0x2000_0000 : constants.O_NOFOLLOW);

/** What the system says of names that are not those of a file here. */
const ABSENT: ReadonlySet<unknown> = new Set(["ENOENT", "ENOTDIR", "ELOOP", "EACCES", "ENAMETOOLONG", "ENXIO"]);

/** The files of one folder. */
export class StaticFolder {
  readonly #root: string;

  /** @param root absolute path without links in it */
  constructor(root: string) {
    this.#root = root;
  }

  /** Opens the file of that name, or the index of a folder whose name ends with a slash. Rejects with NOT_FOUND. */
  async open(name: string): Promise<StaticFile> {
    const file = name === "" || name.endsWith("/") ? name + INDEX : name;
    const type = TYPES[/\.([a-z0-9]+)$/.exec(file)?.[1] ?? ""];
    if (type === undefined || !file.split("/").every((step) => STEP.test(step))) throw nothing();
    const path = join(this.#root, file);
    const handle = await open(path, FLAGS).catch(refused);
    try {
      const stat = await handle.stat({ bigint: true });
      if (!stat.isFile() || stat.size > LIMITS.fileBytes || (await placeOf(handle, path)) !== path) throw nothing();
      const tag = `W/"${stat.size.toString(36)}-${stat.mtimeNs.toString(36)}"`;
      return { handle, type, size: Number(stat.size), tag };
    } catch (error) {
      await handle.close();
      return refused(error);
    }
  }
}

/**
 * Returns what finds the folder of the package that holds `file`; package.json says where that is, from the sources as
 * from the bundle. It throws NOT_FOUND where the package was never built.
 */
export function packagedFolder(file: string): () => StaticFolder {
  let folder: StaticFolder | undefined;
  return () => {
    folder ??= new StaticFolder(dirname(resolved(file)));
    return folder;
  };
}

function resolved(file: string): string {
  try {
    return createRequire(import.meta.url).resolve(file);
  } catch (error) {
    throw new FleetError("NOT_FOUND", 'this file is made by "npm run build"', {}, { cause: error });
  }
}

/** Resolves to where the open file stands. Linux says it of the file itself, whatever becomes of the path meanwhile. */
function placeOf({ fd }: FileHandle, path: string): Promise<string> {
  return process.platform === "darwin" ? realpath(path) : readlink(`/proc/self/fd/${fd}`);
}

function refused(error: unknown): never {
  throw error instanceof Error && "code" in error && ABSENT.has(error.code) ? nothing() : error;
}

function nothing(): FleetError {
  return new FleetError("NOT_FOUND", "there is no file at this path");
}
