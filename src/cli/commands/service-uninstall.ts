/** `cider fleet service uninstall`: the unit goes, the node's data stay, unless the person says twice that they may go. */

import { rmSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { lookForNode } from "../../host/existing-node.ts";
import { unitPath } from "../../host/service.ts";
import { act } from "../../host/service-manager.ts";
import { onHost, Performance } from "../../host/service-perform.ts";
import { describeStep, type ServiceStep } from "../../host/service-steps.ts";
import { specOfUnit } from "../../host/service-unit.ts";
import type { Call } from "../command.ts";
import type { ExitName } from "../exit-codes.ts";
import { CommandError, UsageError } from "../failure.ts";
import { runSteps } from "../service-plan.ts";
import { installedPlace, requireRights, type Surroundings, scopeOf, surroundingsOf } from "../service-surroundings.ts";
import { hint, say } from "../terminal.ts";
import { counted, shellWord } from "../words.ts";

export async function run(call: Call): Promise<ExitName> {
  const { flags, terminal } = call;
  const surroundings = await surroundingsOf(call);
  const installed = installedPlace(surroundings, scopeOf(call));
  requireRights(surroundings, installed, call);
  const dataDir = specOfUnit(installed.text, installed)?.dataDir;
  const { host, offline, person, uid } = surroundings;
  const removal: ServiceStep = { kind: "remove", path: unitPath(installed) };
  const steps = [...(offline ? [] : runSteps("disable", surroundings, installed)), removal];
  if (flags.on("dry-run")) {
    for (const step of steps) terminal.out.line(describeStep(step));
    if (flags.on("purge") && dataDir !== undefined) terminal.out.line(describeStep({ kind: "remove", path: dataDir }));
    return "OK";
  }
  const purge = flags.on("purge") && dataDir !== undefined;
  if (purge) await requireConsent(dataDir, surroundings, call);
  if (!offline) await act("disable", installed, person?.uid ?? uid, host.tools);
  await new Performance(host).perform(removal);
  if (purge) rmSync(onHost(host, dataDir), { recursive: true, force: true });
  say(terminal, "the service is removed");
  if (purge) say(terminal, `the node's data in ${dataDir} are gone`);
  else if (dataDir !== undefined) {
    say(terminal, `the node's data stay in ${dataDir}`);
    hint(terminal, `run it in the foreground: cider-fleet up --data-dir ${shellWord(dataDir)}`);
  }
  return "OK";
}

/** Rejects unless the person typed the folder's name, or said --yes beforehand. */
async function requireConsent(dataDir: string, { host }: Surroundings, { flags, terminal }: Call): Promise<void> {
  if (flags.on("yes")) return;
  const { peers } = lookForNode(onHost(host, dataDir));
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
