/**
 * Which Node and which program a unit may name. A path that the next upgrade removes (a version manager's, Homebrew's
 * Cellar, a cache of npx) would leave a service that dies months later, so it is replaced by one that stays, or refused.
 */

import { dirname, join } from "node:path";
import { FleetError } from "../../foundation/errors.ts";

/** What a decision needs to know of the disk; tests hand in a table. */
export interface PathFacts {
  exists(path: string): boolean;
  /** The path without symbolic links. */
  real(path: string): string;
}

/** Paths that belong to one version of something, and what they belong to. */
const PASSING: readonly (readonly [RegExp, string])[] = [
  [/\/\.nvm\/versions\//, "nvm"],
  [/\/\.?fnm(_multishells)?\/|\/fnm_multishells\//, "fnm"],
  [/\/\.volta\//, "Volta"],
  [/\/\.asdf\//, "asdf"],
  [/\/mise\/(installs|shims)\//, "mise"],
  [/\/\.nodenv\//, "nodenv"],
  [/\/\.nodebrew\//, "nodebrew"],
  [/\/n\/versions\//, "n"],
  [/\/Cellar\//, "Homebrew's Cellar"],
  [/^\/nix\/store\//, "the Nix store"],
  [/^\/snap\/[^/]+\/x?[0-9]+\//, "a revision of a snap"],
  [/\/_npx\//, "the cache of npx"],
  [/\/\.(bun|pnpm-store)\//, "a package manager's store"],
  [/^\/(tmp|private\/tmp|var\/folders|private\/var\/folders)\//, "a temporary folder"],
];

/** Where system-wide Nodes are looked for, the best first. */
const SYSTEM_NODES = [
  "/usr/bin/node",
  "/usr/local/bin/node",
  "/opt/homebrew/opt/node/bin/node",
  "/usr/local/opt/node/bin/node",
  "/run/current-system/sw/bin/node",
  "/snap/bin/node",
] as const;

/** Returns whose a path is that does not outlive upgrades, undefined for one that does. */
export function passingOwner(path: string): string | undefined {
  return PASSING.find(([pattern]) => pattern.test(path))?.[1];
}

/** Returns the name that stays for what lies in Homebrew's Cellar or a snap's revision: `/opt/homebrew/opt/node@22/bin/node`. */
export function lastingName(path: string): string | undefined {
  const cellar = /^(.*)\/Cellar\/([^/]+)\/[^/]+\/(.*)$/.exec(path);
  if (cellar !== null) return join(cellar[1] ?? "", "opt", cellar[2] ?? "", cellar[3] ?? "");
  const snap = /^\/snap\/([^/]+)\/x?[0-9]+\/(.*)$/.exec(path);
  return snap === null ? undefined : join("/snap", snap[1] ?? "", "current", snap[2] ?? "");
}

/** What there is to choose from. */
export interface NodeChoice {
  /** The Node that runs this. */
  readonly running: string;
  /** What was asked for. */
  readonly named?: string | undefined;
  /** Folders that the service cannot see, as homes in a sandbox. */
  readonly hidden: readonly string[];
  /** Whether that Node is new enough. */
  readonly fits: (node: string) => boolean;
}

/**
 * Returns the path of Node that a unit may name: the one that runs this, by a name that lasts, else the system's.
 * Throws NODE_PASSING when there is none, saying whose the present one is.
 */
export function chooseNode({ running, named, hidden, fits }: NodeChoice, facts: PathFacts): string {
  const usable = (path: string): boolean => facts.exists(path) && passingOwner(path) === undefined && !isBelow(path, hidden);
  if (named !== undefined) {
    if (usable(named) && fits(named)) return named;
    throw new FleetError("NODE_PASSING", `${named} is ${reasonAgainst(named, hidden, facts)}; name another Node with --node`);
  }
  const lasting = lastingName(running);
  const same = [...(lasting === undefined ? [] : [lasting]), running].find(usable);
  if (same !== undefined) return same;
  const other = SYSTEM_NODES.find((path) => usable(path) && fits(path));
  if (other !== undefined) return other;
  throw new FleetError(
    "NODE_PASSING",
    `${running} is ${reasonAgainst(running, hidden, facts)}, and this machine has no other Node`,
  );
}

function reasonAgainst(path: string, hidden: readonly string[], facts: PathFacts): string {
  if (!facts.exists(path)) return "not there";
  const owner = passingOwner(path);
  if (owner !== undefined) return `a path of ${owner}, which the next upgrade removes`;
  return isBelow(path, hidden) ? "in a home, which the service cannot see" : "too old";
}

/** Where the program is run from: in place, or from a copy that belongs to the service. */
export interface ProgramChoice {
  /** `bin/cider-fleet.cjs` as the unit names it. */
  readonly program: string;
  /** The package's folder that is copied, and where to; absent: it is run in place. */
  readonly copy?: { readonly from: string; readonly to: string } | undefined;
}

/** What a copy of the package needs to run. */
export const PROGRAM_PARTS = ["package.json", "bin", "dist"] as const;

/**
 * Returns where the unit finds the program. `script` is what was started; it is copied to `home` when its place passes
 * with an upgrade, or cannot be seen by the service.
 */
export function chooseProgram(script: string, home: string, hidden: readonly string[], facts: PathFacts): ProgramChoice {
  const real = facts.real(script);
  const folder = dirname(dirname(real));
  const inPlace = [lastingName(folder), folder].find(
    (path) => path !== undefined && facts.exists(path) && passingOwner(path) === undefined && !isBelow(path, hidden),
  );
  if (inPlace !== undefined) return { program: programIn(inPlace) };
  return { program: programIn(home), copy: { from: folder, to: home } };
}

function programIn(folder: string): string {
  return join(folder, "bin/cider-fleet.cjs");
}

function isBelow(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path.startsWith(`${folder}/`));
}
