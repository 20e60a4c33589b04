/** Accounts of this machine: who is installing, where its home is, what its numbers are. `HOME` is not asked. */

import { homedir, userInfo } from "node:os";
import { isAbsolute } from "node:path";
import { FleetError } from "../foundation/errors.ts";
import type { SystemTools } from "./service/manager.ts";

/** An account, as the system's own tables have it. */
export interface AccountRecord {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** Returns the name of this process's account; a number where the system's tables have none, as in a container. */
export function ownAccountName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.geteuid?.() ?? "unknown"}`;
  }
}

/** Returns this account's home; `/`, as in a container, where neither HOME nor the system's tables name one. */
export function ownHome(): string {
  try {
    return homedir();
  } catch {
    return "/";
  }
}

/** Returns the person's account behind root: of sudo or doas; undefined where root itself is logged in. */
export function invokingAccount(env: Readonly<Record<string, string | undefined>>, uid: number): string | undefined {
  if (uid !== 0) return undefined;
  return [env["SUDO_USER"], env["DOAS_USER"]].find((name) => name !== undefined && name !== "" && name !== "root");
}

/** Returns the account, or undefined when there is none of this name or number. */
export async function findAccount(
  name: string,
  platform: NodeJS.Platform,
  tools: SystemTools,
): Promise<AccountRecord | undefined> {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}$/.test(name))
    throw new FleetError("INVALID_OPTIONS", `${JSON.stringify(name)} cannot be an account`);
  return platform === "darwin" ? findByDirectory(name, tools) : findByPasswd(name, tools);
}

async function findByPasswd(name: string, tools: SystemTools): Promise<AccountRecord | undefined> {
  const { code, stdout } = await tools.run(["getent", "passwd", name]);
  if (code !== 0) return undefined;
  const [called = "", , uid = "", gid = "", , home = ""] = stdout.split("\n", 1)[0]?.split(":") ?? [];
  return accountOf(called, uid, gid, home);
}

async function findByDirectory(name: string, tools: SystemTools): Promise<AccountRecord | undefined> {
  const { code, stdout } = await tools.run([
    "dscl",
    ".",
    "-read",
    `/Users/${name}`,
    "UniqueID",
    "PrimaryGroupID",
    "NFSHomeDirectory",
  ]);
  if (code !== 0) return undefined;
  // A value with spaces stands on a line of its own.
  const value = (key: string) => new RegExp(`^${key}:\\s+(.*)$`, "m").exec(stdout)?.[1]?.trim() ?? "";
  return accountOf(name, value("UniqueID"), value("PrimaryGroupID"), value("NFSHomeDirectory"));
}

function accountOf(name: string, uid: string, gid: string, home: string): AccountRecord | undefined {
  if (!/^[0-9]+$/.test(uid) || !/^[0-9]+$/.test(gid) || !isAbsolute(home)) return undefined;
  return { name, uid: Number(uid), gid: Number(gid), home };
}
