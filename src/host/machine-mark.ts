/**
 * A mark of this machine, by which a data folder that wakes up on another one is known. It is the id that the system
 * gave itself at its installation, hashed with a label, since that id is not to leave the machine (machine-id(5)).
 *
 * Not every machine has one. None is taken in a container, which at most has that of its image: a new image would look
 * like a new machine. Clones of a virtual machine have the same mark until their system makes another id.
 */

import { hash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { lp, toHex } from "../foundation/bytes.ts";
import { type ChildResult, runChild } from "./child.ts";

/** What of the system is asked. */
export interface MarkSources {
  readonly platform: NodeJS.Platform;
  /** Returns a small file's text; throws when it cannot be read. */
  readonly read: (path: string) => string;
  readonly exists: (path: string) => boolean;
  readonly run: (tool: string, args: readonly string[]) => Promise<Pick<ChildResult, "code" | "stdout">>;
}

const LABEL = "cider-fleet-machine-v1";

/** What Docker and Podman put into every container. */
const CONTAINERS = ["/.dockerenv", "/run/.containerenv"] as const;

/** Milliseconds that `ioreg` may take. */
const TOOL_TIMEOUT = 2000;

const SYSTEM: MarkSources = {
  platform: process.platform,
  read: (path) => readFileSync(path, "utf8"),
  exists: existsSync,
  run: (tool, args) => runChild(tool, args, { timeout: TOOL_TIMEOUT }),
};

/** Resolves to this machine's mark, 64 hex characters; undefined where there is nothing to tell it by. */
export async function machineMark(sources: MarkSources = SYSTEM): Promise<string | undefined> {
  const id = await systemId(sources).catch(() => undefined);
  return id === undefined ? undefined : hash("sha256", toHex(lp(LABEL, id.toLowerCase())));
}

async function systemId({ exists, platform, read, run }: MarkSources): Promise<string | undefined> {
  if (platform === "darwin") {
    const { code, stdout } = await run("/usr/sbin/ioreg", ["-rd1", "-c", "IOPlatformExpertDevice"]);
    return code === 0 ? /"IOPlatformUUID" = "([0-9A-Fa-f-]{36})"/.exec(stdout)?.[1] : undefined;
  }
  if (CONTAINERS.some(exists)) return undefined;
  return /^([0-9a-f]{32})\n?$/.exec(read("/etc/machine-id"))?.[1];
}
