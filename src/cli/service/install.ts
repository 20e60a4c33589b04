/**
 * Carries an installation out: old service ended, folders and files changed, new one started and proven. What fails on
 * the way, or does not prove itself, is taken back, and the old service runs again.
 */

import type { Clock } from "../../foundation/clock.ts";
import { messageOf } from "../../foundation/errors.ts";
import { socketPathFor } from "../../host/data-folder.ts";
import { acquireLock } from "../../host/lock.ts";
import { portRival } from "../../host/rivals.ts";
import { act, logCommand, requireManager, type ServiceAction, type SystemTools } from "../../host/service/manager.ts";
import { onHost, Performance } from "../../host/service/perform.ts";
import { serviceLogFile } from "../../host/service/spec.ts";
import { CommandError } from "../failure.ts";
import { type InstallPlan, requireNothingLost } from "./plan.ts";
import { type Proof, proveService } from "./proof.ts";
import { type Surroundings, unitIn } from "./surroundings.ts";

/** Where an installation works, and how long it waits. */
export interface InstallParts {
  readonly surroundings: Surroundings;
  readonly clock: Clock;
  /** Milliseconds that the new service has to answer. */
  readonly patience: number;
  /** Tells the person what happens. */
  readonly tell: (text: string) => void;
}

/** Lines of the log that a failure shows. */
const LOG_LINES = 15;

/** Resolves to the proof; undefined below a throw-away root, where nothing is started. Rejects after taking everything back. */
export async function install(plan: InstallPlan, parts: InstallParts): Promise<Proof | undefined> {
  const { surroundings } = parts;
  const { host, offline, person, uid } = surroundings;
  requireNothingLost(plan, surroundings);
  if (!offline) await requireManager(plan.spec, host.tools);
  const done = new Performance(host);
  try {
    if (plan.stop.length > 0) await act("stop", plan.spec, person?.uid ?? uid, host.tools);
    if (!offline) await requireFree(plan, surroundings);
    for (const step of [...plan.change, ...plan.start]) await done.perform(step);
    const proof = offline ? undefined : await prove(plan, parts);
    done.settle();
    return proof;
  } catch (error) {
    await takeBack(done, plan, parts);
    throw error;
  }
}

/** The node that was tried may still run, and the port may be another program's: said before anything is changed. */
async function requireFree({ adoption, port }: InstallPlan, { host, platform }: Surroundings): Promise<void> {
  if (adoption.identity === "taken over") {
    const lock = await acquireLock(onHost(host, adoption.from ?? adoption.dataDir));
    await lock.release();
  }
  const rival = port === 0 ? undefined : await portRival(port, platform);
  if (rival !== undefined) throw new CommandError("BUSY", rival.what, rival.waysOut.join("; or "));
}

async function prove({ spec }: InstallPlan, { clock, patience, surroundings }: InstallParts): Promise<Proof> {
  const { host, platform } = surroundings;
  const proof = await proveService(socketPathFor(onHost(host, spec.dataDir), platform), clock, patience);
  if (proof !== undefined && proof.reached.length > 0) return proof;
  const log = await lastWords(spec, host.tools);
  const what = proof === undefined ? "the service was started and does not answer" : `no answer at ${proof.missed.join(", ")}`;
  throw new CommandError("FAILED", `${what}${log === "" ? "" : `; its log ends with:\n${log}`}`);
}

async function lastWords(spec: InstallPlan["spec"], tools: SystemTools): Promise<string> {
  try {
    return (await tools.run(logCommand(spec, serviceLogFile(spec), LOG_LINES, false))).stdout.trimEnd();
  } catch {
    return "";
  }
}

/**
 * Makes everything as it was: files and folders first, then the manager is told, then the old service runs. What fails on
 * the way is said and passed over, so that it does not hide why the installation failed.
 */
async function takeBack(done: Performance, { before, spec }: InstallPlan, { surroundings, tell }: InstallParts): Promise<void> {
  const { host, offline, person, uid } = surroundings;
  const account = person?.uid ?? uid;
  const attempt = async (what: string, action: () => void | Promise<void>): Promise<void> => {
    try {
      await action();
    } catch (error) {
      tell(`${what} failed: ${messageOf(error)}`);
    }
  };
  const manage = (action: ServiceAction) => act(action, spec, account, host.tools);
  // Without a unit nothing was changed that its manager knows of.
  const known = !offline && unitIn(surroundings, spec) !== undefined;
  if (known) {
    tell("it did not work; everything is taken back");
    await attempt("ending the new service", () => manage(before === undefined ? "disable" : "stop"));
  }
  await attempt("restoring files", () => done.takeBack());
  if (!known) return;
  if (before === undefined) {
    await attempt("telling the service manager", () => manage("forget"));
    return;
  }
  await attempt("starting the old service", async () => {
    await manage("enable");
    await manage("start");
  });
  tell("the old service is back");
}
