/** `cider fleet service uninstall`: the unit goes, the node's data stay, unless the person says twice that they may go. */

import { rmSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { lookForNode } from "../../host/existing-node.ts";
import { act, type ServiceAction } from "../../host/service/manager.ts";
import { onHost } from "../../host/service/perform.ts";
import { type ServicePlace, type ServiceSpec, serviceProgramFolder, unitPath } from "../../host/service/spec.ts";
import { describeStep, type ServiceStep } from "../../host/service/steps.ts";
import { specOfUnit } from "../../host/service/unit.ts";
import { shellWord } from "../../host/shell.ts";
import type { Call } from "../command.ts";
import type { ExitName } from "../exit-codes.ts";
import { CommandError, UsageError } from "../failure.ts";
import { runSteps } from "../service/plan.ts";
import { installedPlace, requireRights, type Surroundings, scopeOf, surroundingsOf } from "../service/surroundings.ts";
import { hint, say } from "../terminal.ts";
import { counted } from "../words.ts";

export async function run(call: Call): Promise<ExitName> {
  const { flags, terminal } = call;
  const surroundings = await surroundingsOf(call);
  const installed = installedPlace(surroundings, scopeOf(call));
  requireRights(surroundings, installed, call);
  const spec = specOfUnit(installed.text, installed);
  const purged = flags.on("purge") ? spec?.dataDir : undefined;
  const folders = [...copiesOf(installed, spec), ...(purged === undefined ? [] : [purged])];
  if (flags.on("dry-run")) {
    for (const step of stepsOf(surroundings, installed, folders)) terminal.out.line(describeStep(step));
    return "OK";
  }
  if (purged !== undefined) await requireConsent(purged, surroundings, call);
  await remove(surroundings, installed, folders);
  say(terminal, "the service is removed");
  if (purged !== undefined) say(terminal, `the node's data in ${purged} are gone`);
  else if (spec !== undefined) {
    say(terminal, `the node's data stay in ${spec.dataDir}`);
    hint(terminal, `run it in the foreground: cider-fleet up --data-dir ${shellWord(spec.dataDir)}`);
  }
  return "OK";
}

/** The service's own copy of the program, where the unit runs one. */
function copiesOf(place: ServicePlace, spec: ServiceSpec | undefined): readonly string[] {
  const copy = serviceProgramFolder(place);
  return spec?.program.startsWith(`${copy}/`) === true ? [copy] : [];
}

function stepsOf(surroundings: Surroundings, place: ServicePlace, folders: readonly string[]): readonly ServiceStep[] {
  const runs = (action: ServiceAction) => (surroundings.offline ? [] : runSteps(action, surroundings, place));
  const removals = [unitPath(place), ...folders].map((path): ServiceStep => ({ kind: "remove", path }));
  return [...runs("disable"), ...removals, ...runs("forget")];
}

async function remove(
  { host, offline, person, uid }: Surroundings,
  place: ServicePlace,
  folders: readonly string[],
): Promise<void> {
  const manage = async (action: ServiceAction): Promise<void> => {
    if (!offline) await act(action, place, person?.uid ?? uid, host.tools);
  };
  await manage("disable");
  for (const path of [unitPath(place), ...folders]) rmSync(onHost(host, path), { recursive: true, force: true });
  await manage("forget");
}

/** Rejects unless the person typed the folder's name, or said --yes beforehand. */
async function requireConsent(dataDir: string, { host }: Surroundings, { flags, terminal }: Call): Promise<void> {
  const { peers, state } = lookForNode(onHost(host, dataDir));
  if (state !== "present")
    throw new CommandError("NOT_FOUND", `there is no node in ${dataDir}; it is not removed`, "leave --purge out");
  if (flags.on("yes")) return;
  say(
    terminal,
    `--purge removes the node's identity, its record and its trust in ${counted(peers, "peer")}; nothing brings them back`,
  );
  if (!terminal.input.isTTY) throw new UsageError("--purge asks, and nobody is there to answer", "add --yes");
  const question = createInterface({ input: terminal.input, output: process.stderr });
  try {
    const typed = await question.question(`Type the folder's name to remove it (${dataDir}): `);
    if (typed.trim() === dataDir) return;
  } finally {
    question.close();
  }
  throw new CommandError("FAILED", "nothing was removed");
}
