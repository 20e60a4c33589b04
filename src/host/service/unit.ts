/** A unit that is installed: read back into what it says, and held against what it should say. */

import { join } from "node:path";
import { launchdAccount, launchdCommand, launchdJob } from "./launchd.ts";
import type { PathFacts } from "./program.ts";
import { passingOwner } from "./program.ts";
import { SERVICE_NAME, type ServicePlace, type ServiceSpec } from "./spec.ts";
import { systemdCommand, systemdUnit } from "./systemd.ts";

/** Something that is not as it was installed. */
export interface Drift {
  readonly what: string;
  readonly remedy: string;
}

const AGAIN = "cider-fleet service install";

/** Returns the text of the unit or property list. */
export function unitText(spec: ServiceSpec): string {
  return spec.platform === "darwin" ? launchdJob(spec) : systemdUnit(spec);
}

/** Returns what an installed unit says, undefined when it does not run this program. */
export function specOfUnit(text: string, place: ServicePlace): ServiceSpec | undefined {
  const darwin = place.platform === "darwin";
  const [node, program, up, ...options] = darwin ? launchdCommand(text) : systemdCommand(text);
  if (node === undefined || program === undefined || up !== "up") return undefined;
  const dataDir = optionIn(options, "--data-dir");
  if (dataDir === undefined) return undefined;
  const account = darwin ? launchdAccount(text) : /^User=(.*)$/m.exec(text)?.[1];
  const port = optionIn(options, "--port");
  return {
    ...place,
    account: account ?? SERVICE_NAME,
    node,
    program,
    dataDir,
    config: optionIn(options, "--config"),
    port: port === undefined ? undefined : Number(port),
    socketGroup: optionIn(options, "--socket-group"),
  };
}

function optionIn(options: readonly string[], name: string): string | undefined {
  const at = options.indexOf(name);
  return at < 0 ? undefined : options[at + 1];
}

/** What drift is looked for with. */
export interface DriftFacts extends PathFacts {
  /** The version in a package.json, undefined where there is none. */
  versionIn(folder: string): string | undefined;
}

/** Returns all that is gone or different; nothing when the unit is as this version would write it. */
export function driftOf(text: string, place: ServicePlace, version: string, facts: DriftFacts): readonly Drift[] {
  const spec = specOfUnit(text, place);
  if (spec === undefined) return [{ what: "the unit does not start this program", remedy: `write it anew: ${AGAIN}` }];
  const installed = facts.versionIn(join(spec.program, "../.."));
  const checks: readonly (readonly [boolean, string, string])[] = [
    [!facts.exists(spec.node), `Node is gone: ${spec.node}`, `install Node, then: ${AGAIN}`],
    [
      facts.exists(spec.node) && passingOwner(spec.node) !== undefined,
      `Node is at a path of ${passingOwner(spec.node) ?? ""}, which the next upgrade removes: ${spec.node}`,
      `find a lasting one: ${AGAIN}`,
    ],
    [!facts.exists(spec.program), `the program is gone: ${spec.program}`, `install the package, then: ${AGAIN}`],
    [
      installed !== undefined && installed !== version,
      `the unit starts version ${installed ?? ""}, this is ${version}`,
      `take this one over: ${AGAIN}`,
    ],
    [
      !facts.exists(spec.dataDir),
      `the data folder is gone: ${spec.dataDir}`,
      "restore it from a backup before the node is started",
    ],
    [
      spec.config !== undefined && !facts.exists(spec.config),
      `the settings' file is gone: ${spec.config ?? ""}`,
      `restore it, or write the unit without it: ${AGAIN}`,
    ],
    [
      unitText(spec) !== text,
      "the unit's text is not what this version writes",
      `write it anew: ${AGAIN}; keep changes of yours in a drop-in`,
    ],
  ];
  return checks.flatMap(([found, what, remedy]) => (found ? [{ what, remedy }] : []));
}
