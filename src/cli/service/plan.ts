/** What `service install` will do, decided before anything is touched: the unit, the steps, and what the person should know. */

import { existsSync, lstatSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { defaultConfigFile, resolveConfig } from "../../config/load.ts";
import { timestamp } from "../../foundation/clock.ts";
import { systemDataFolder } from "../../host/data-folder.ts";
import { isTrustedNode, lookForNode } from "../../host/existing-node.ts";
import { type Adoption, chooseAdoption } from "../../host/service/adoption.ts";
import { commandsOf, type ServiceAction } from "../../host/service/manager.ts";
import { onHost } from "../../host/service/perform.ts";
import { chooseNode, chooseProgram, PROGRAM_PARTS } from "../../host/service/program.ts";
import {
  SERVICE_NAME,
  type ServicePlace,
  type ServiceScope,
  type ServiceSpec,
  serviceDataFolder,
  serviceLogFile,
  serviceProgramFolder,
  unitPath,
} from "../../host/service/spec.ts";
import type { ServiceStep } from "../../host/service/steps.ts";
import { unitText } from "../../host/service/unit.ts";
import { CommandError, UsageError } from "../failure.ts";
import { placeOf, type Surroundings, unitIn } from "./surroundings.ts";

/** What was asked for. */
export interface InstallRequest {
  readonly scope?: ServiceScope | undefined;
  readonly account?: string | undefined;
  readonly dataDir?: string | undefined;
  readonly fresh: boolean;
  readonly socketGroup?: string | undefined;
  readonly port?: number | undefined;
  readonly node?: string | undefined;
  readonly linger: boolean;
  /** Unix milliseconds; part of the name of what is kept aside. */
  readonly now: number;
}

/** Everything that was decided. */
export interface InstallPlan {
  readonly spec: ServiceSpec;
  readonly adoption: Adoption;
  /** The port it will open: 0 for any. */
  readonly port: number;
  /** The unit that is there already. */
  readonly before: string | undefined;
  /** Ends the service that is there; taken back by starting it again. */
  readonly stop: readonly ServiceStep[];
  /** Accounts, folders, files. */
  readonly change: readonly ServiceStep[];
  readonly start: readonly ServiceStep[];
  /** Sentences for the person. */
  readonly notices: readonly string[];
}

/** Folders that a sandboxed service does not see. */
const HOMES = ["/home", "/root", "/run/user"] as const;

/** Returns the plan; throws NODE_EXISTS, NODE_PASSING, NOT_FOUND, or a CommandError that says what is missing. */
export function planInstall(surroundings: Surroundings, request: InstallRequest): InstallPlan {
  const { platform, offline } = surroundings;
  const scope = request.scope ?? "system";
  const place = placeOf(surroundings, scope);
  const account = accountOf(surroundings, place, request);
  requireGroupMakesSense(place, request);
  const settings = settingsOf(surroundings, place);
  const adoption = adoptionOf(surroundings, place, request, settings.dataDir);
  const hidden = platform === "linux" && scope === "system" ? HOMES : [];
  const node = chooseNode(
    { running: surroundings.node, named: request.node, hidden, fits: surroundings.fits },
    surroundings.facts,
  );
  const program = chooseProgram(surroundings.script, serviceProgramFolder(place), hidden, surroundings.facts);
  const spec: ServiceSpec = {
    ...place,
    account,
    node,
    program: program.program,
    dataDir: adoption.dataDir,
    config: settings.target,
    port: request.port,
    socketGroup: request.socketGroup,
  };
  const before = unitIn(surroundings, place);
  const change: readonly ServiceStep[] = [
    ...accountSteps(spec),
    ...dataSteps(spec, adoption, request.now),
    ...logSteps(spec),
    ...settings.steps,
    ...(program.copy === undefined ? [] : [{ kind: "copy", ...program.copy, parts: PROGRAM_PARTS } as const]),
    { kind: "file", path: unitPath(place), mode: 0o644, text: unitText(spec) },
  ];
  const runs = (...actions: readonly ServiceAction[]) =>
    offline ? [] : actions.flatMap((action) => runSteps(action, surroundings, place));
  return {
    spec,
    adoption,
    port: request.port ?? settings.port,
    before,
    stop: before === undefined ? [] : runs("stop"),
    change: offline ? change.flatMap(filesOnly) : change,
    start: [...runs("enable"), ...(request.linger && !offline ? lingerSteps(account) : []), ...runs("start")],
    notices: noticesOf(spec, adoption, program.copy !== undefined, node !== surroundings.node),
  };
}

/** Below a throw-away root there are no accounts to hand anything to. */
function filesOnly(step: ServiceStep): readonly ServiceStep[] {
  if (step.kind === "account") return [];
  return ["folder", "file", "move"].includes(step.kind) ? [{ ...step, owner: undefined } as ServiceStep] : [step];
}

function accountOf({ person }: Surroundings, { platform, scope }: ServicePlace, { account }: InstallRequest): string {
  if (platform === "linux" && scope === "system") return account ?? SERVICE_NAME;
  const name = person?.name ?? "";
  if (account === undefined || account === name) return name;
  throw new UsageError(`the node runs as ${name} here`, "log in as the other account and install from there");
}

function requireGroupMakesSense({ platform, scope }: ServicePlace, { socketGroup }: InstallRequest): void {
  if (socketGroup === undefined || (platform === "linux" && scope === "system")) return;
  throw new UsageError(
    "--socket-group is for a service with an account of its own",
    "here the node runs as a person, whose folders nobody else may enter; others use --host",
  );
}

interface Settings {
  /** The file that the unit names. */
  readonly target: string | undefined;
  readonly steps: readonly ServiceStep[];
  /** The data folder of the installing person, by what they have set. */
  readonly dataDir: string | undefined;
  readonly port: number;
}

/** The settings you tried are the settings you install: where the service reads another file, it gets a copy. */
function settingsOf({ env, host, person, platform, uid }: Surroundings, place: ServicePlace): Settings {
  const own = platform === "linux" && place.scope === "system" ? "/etc/cider-fleet/cider-fleet.toml" : undefined;
  // Behind sudo the environment is root's.
  const theirEnv = uid === 0 ? {} : env;
  const account = { env: theirEnv, platform, uid: person?.uid ?? uid, home: person?.home ?? "/root" };
  const tried = defaultConfigFile(theirEnv, platform, account.uid, account.home);
  const existing = [own, tried].find((path) => path !== undefined && existsSync(onHost(host, path)));
  const file = existing === undefined ? undefined : onHost(host, existing);
  const { config } = resolveConfig({ ...account, file });
  const found = { dataDir: person === undefined ? undefined : config.dataDir, port: config.port };
  if (own === undefined || file === undefined) return { ...found, target: existing, steps: [] };
  const copy = { kind: "file", path: own, mode: 0o644, text: readFileSync(file, "utf8") } as const;
  return { ...found, target: own, steps: existing === own ? [] : [copy] };
}

function adoptionOf(
  surroundings: Surroundings,
  place: ServicePlace,
  request: InstallRequest,
  tried: string | undefined,
): Adoption {
  const { env, host, platform, uid } = surroundings;
  const named = request.dataDir ?? (uid === 0 && env["CIDER_DATA_DIR"] ? env["CIDER_DATA_DIR"] : undefined);
  const own = serviceDataFolder(place);
  const folders = [own, tried, systemDataFolder(platform), named].filter((folder) => folder !== undefined);
  const found = [...new Set(folders.map((folder) => resolve(folder)))].map((folder) => ({
    ...lookForNode(onHost(host, folder)),
    folder,
  }));
  const stays = place.scope === "user" || platform === "darwin";
  const chosen = chooseAdoption({
    own,
    found,
    named: named === undefined ? undefined : resolve(named),
    fresh: request.fresh,
    stays,
  });
  if (!stays || chosen.dataDir === own || belongsTo(onHost(host, chosen.dataDir), surroundings)) return chosen;
  return chooseAdoption({ own, found, named: chosen.dataDir, fresh: false, stays: false });
}

/** A node that root ran by itself cannot stay in root's folder when a person's account is to run it. */
function belongsTo(folder: string, { offline, person, uid }: Surroundings): boolean {
  return offline || lstatSync(folder).uid === (person?.uid ?? uid);
}

function accountSteps({ account, platform, scope }: ServiceSpec): readonly ServiceStep[] {
  if (platform !== "linux" || scope !== "system" || account !== SERVICE_NAME) return [];
  return [{ kind: "account", name: account, home: "/var/lib/cider-fleet" }];
}

function dataSteps({ account, dataDir }: ServiceSpec, { aside, from, identity }: Adoption, now: number): readonly ServiceStep[] {
  const to = `${dataDir}.before-${timestamp(now).replaceAll(/[-:]|\.[0-9]+/g, "")}`;
  const made = { kind: "folder", path: dataDir, mode: 0o700, owner: account } as const;
  return [
    ...(aside === true ? [{ kind: "aside", path: dataDir, to } as const] : []),
    ...(from === undefined ? [] : [{ kind: "move", from, to: dataDir, owner: account } as const]),
    ...(identity === "new" ? [made] : []),
  ];
}

function logSteps(spec: ServiceSpec): readonly ServiceStep[] {
  const log = serviceLogFile(spec);
  return log === undefined ? [] : [{ kind: "folder", path: dirname(log), mode: 0o700, owner: spec.account }];
}

function lingerSteps(account: string): readonly ServiceStep[] {
  return [{ kind: "run", words: ["loginctl", "enable-linger", account] }];
}

/** Returns the manager's commands as steps. */
export function runSteps(action: ServiceAction, { person, uid }: Surroundings, place: ServicePlace): readonly ServiceStep[] {
  return commandsOf(action, place, person?.uid ?? uid).map((command) => ({ kind: "run", ...command }));
}

function noticesOf(spec: ServiceSpec, adoption: Adoption, copied: boolean, otherNode: boolean): readonly string[] {
  const { dataDir, platform, scope } = spec;
  const agent =
    "macOS 15 asks for Local Network access for every agent, and refuses in silence where nobody can answer; without --user it does not";
  return [
    adoption.identity === "new"
      ? `a new node is made in ${dataDir}`
      : `the node of ${adoption.from ?? dataDir} is taken over, with its peers and tokens`,
    ...(platform === "darwin" && scope === "user" ? [agent] : []),
    ...(copied
      ? [
          `the program is copied to ${dirname(dirname(spec.program))}, because where it is now passes with an upgrade or cannot be seen by the service`,
        ]
      : []),
    ...(otherNode ? [`the service runs ${spec.node}, which outlives upgrades`] : []),
  ];
}

/** Throws when the plan cannot be carried out because a person must decide something first. */
export function requireNothingLost({ adoption, spec }: InstallPlan, { host }: Surroundings): void {
  if (adoption.aside !== true || adoption.identity === "new") return;
  const inTheWay = lookForNode(onHost(host, spec.dataDir));
  if (!isTrustedNode(inTheWay)) return;
  throw new CommandError(
    "REFUSED",
    `${spec.dataDir} has a node with peers, which would be put aside`,
    "move that folder away yourself if it is not needed",
  );
}
