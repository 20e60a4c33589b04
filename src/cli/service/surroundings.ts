/** Where service commands work: the machine, its tools, who is typing. One value, so that tests can have another machine. */

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import manifest from "../../../package.json" with { type: "json" };
import { FleetError } from "../../foundation/errors.ts";
import { type AccountRecord, findAccount, invokingAccount, ownAccountName, ownHome } from "../../host/accounts.ts";
import { runChild } from "../../host/child.ts";
import { isRecentNode, leastVersion } from "../../host/doctor/machine.ts";
import { onHost, type ServiceHost } from "../../host/service/perform.ts";
import type { ServicePlace, ServicePlatform, ServiceScope } from "../../host/service/spec.ts";
import { unitPath } from "../../host/service/spec.ts";
import type { DriftFacts } from "../../host/service/unit.ts";
import type { Call } from "../command.ts";
import { CommandError, UsageError } from "../failure.ts";

/** The machine, the account and the person. */
export interface Surroundings {
  readonly platform: ServicePlatform;
  /** Of this process. */
  readonly uid: number;
  /** The person who installs: behind sudo the one who called it; undefined where root itself is logged in. */
  readonly person: AccountRecord | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly host: ServiceHost;
  /** Files only: nothing is started, stopped, made an account or handed over. */
  readonly offline: boolean;
  /** The Node that runs this, and the program's file. */
  readonly node: string;
  readonly script: string;
  readonly version: string;
  readonly facts: DriftFacts;
  /** Whether that Node is new enough for the program. */
  readonly fits: (node: string) => boolean;
}

/** Milliseconds a tool of the system may take unless its caller says otherwise. */
const TOOL_TIMEOUT = 10_000;

/** Returns this process's surroundings, below `--root` where that is given. */
export async function surroundingsOf({ flags, terminal }: Call): Promise<Surroundings> {
  const { platform } = process;
  if (platform !== "darwin" && platform !== "linux") {
    throw new FleetError("UNSUPPORTED_PLATFORM", `there is no service of cider-fleet on ${platform}`);
  }
  const root = resolve(flags.text("root") ?? "/");
  const tools = { run: runTool };
  const uid = process.geteuid?.() ?? -1;
  const host: ServiceHost = { platform, root, tools };
  return {
    platform,
    uid,
    person: await personOf(terminal.env, uid, host),
    env: terminal.env,
    host,
    offline: root !== "/",
    node: process.execPath,
    script: process.argv[1] ?? "",
    version: manifest.version,
    facts: factsOf(host),
    fits: isFitNode,
  };
}

function runTool([program = "", ...args]: readonly string[], timeout = TOOL_TIMEOUT) {
  return runChild(program, args, { timeout });
}

async function personOf(env: Surroundings["env"], uid: number, host: ServiceHost): Promise<AccountRecord | undefined> {
  const behind = invokingAccount(env, uid);
  if (behind !== undefined) return findAccount(behind, host.platform, host.tools);
  if (uid === 0) return undefined;
  return { name: ownAccountName(), uid, gid: process.getgid?.() ?? uid, home: ownHome() };
}

/** Returns what decisions may ask of the disk: below the host's root, else of this machine, whose Node is there anyway. */
export function factsOf(host: ServiceHost): DriftFacts {
  return {
    exists: (path) => existsSync(onHost(host, path)) || existsSync(path),
    real: (path) => (existsSync(path) ? realpathSync(path) : path),
    versionIn: (folder) => versionIn(onHost(host, folder)) ?? versionIn(folder),
  };
}

function versionIn(folder: string): string | undefined {
  try {
    return /"version":\s*"([^"]+)"/.exec(readFileSync(join(folder, "package.json"), "utf8"))?.[1];
  } catch {
    return undefined;
  }
}

/** A file that does not run, or is no Node, does not fit. */
function isFitNode(node: string): boolean {
  try {
    const version = execFileSync(node, ["-p", "process.versions.node"], { timeout: TOOL_TIMEOUT }).toString().trim();
    return isRecentNode(version, leastVersion(manifest.engines.node));
  } catch {
    return false;
  }
}

/** Returns the scope that was asked for, undefined when none was; throws UsageError for both. */
export function scopeOf({ flags }: Pick<Call, "flags">): ServiceScope | undefined {
  if (flags.on("user") && flags.on("system")) throw new UsageError("--user and --system name two services; give one");
  if (flags.on("user")) return "user";
  return flags.on("system") ? "system" : undefined;
}

/** Returns where the service of this scope stands for whoever is asking. */
export function placeOf({ platform, person }: Surroundings, scope: ServiceScope): ServicePlace {
  if (platform === "linux" && scope === "system") return { platform, scope, home: "/var/lib/cider-fleet" };
  if (person === undefined) {
    throw new CommandError(
      "REFUSED",
      scope === "user"
        ? "root has no services of its own"
        : "on macOS a node runs as a person's account, because root cannot run macOS guests",
      scope === "user" ? "leave --user out" : "log in as that person and use sudo",
    );
  }
  return { platform, scope, home: person.home };
}

/** Returns the service that is installed: the system's before the account's own, or the one of the scope asked for. */
export function installedPlace(
  surroundings: Surroundings,
  scope: ServiceScope | undefined,
): ServicePlace & { readonly text: string } {
  const scopes: readonly ServiceScope[] = scope === undefined ? ["system", "user"] : [scope];
  const tried: string[] = [];
  for (const candidate of scopes) {
    if (candidate === "user" && surroundings.person === undefined) continue;
    const place = placeOf(surroundings, candidate);
    const path = unitPath(place);
    tried.push(path);
    const text = unitIn(surroundings, place);
    if (text !== undefined) return { ...place, text };
  }
  throw new CommandError(
    "NOT_FOUND",
    `no service is installed (there is no ${tried.join(" and no ")})`,
    'see "cider fleet service install --help"',
  );
}

/** Returns the text of the installed unit, undefined when there is none. */
export function unitIn({ host }: Surroundings, place: ServicePlace): string | undefined {
  const path = onHost(host, unitPath(place));
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

/** Throws REFUSED with the command to type when only root can do this. */
export function requireRights(
  { uid, offline, node, script }: Surroundings,
  place: ServicePlace,
  { flags }: Pick<Call, "flags">,
): void {
  if (offline || flags.on("dry-run")) return;
  if (place.scope === "user" && uid === 0) {
    throw new CommandError(
      "REFUSED",
      "an account's own service is started and stopped by that account",
      "run the same command without sudo",
    );
  }
  if (place.scope === "user" || uid === 0) return;
  const words = process.argv.slice(process.argv[2] === "fleet" ? 3 : 2);
  const command = ["sudo", node, script, ...words].join(" ");
  throw new CommandError(
    "REFUSED",
    "a service of the system is root's to change",
    `run: ${command}; or keep it to this account with --user`,
  );
}
