/**
 * The system's service manager, as command lines: what each action runs is data, so that a dry run can print it and a
 * test can hand in other tools.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { FleetError, messageOf } from "../../foundation/errors.ts";
import type { ChildResult } from "../child.ts";
import { SERVICE_NAME, type ServicePlace, unitPath } from "./spec.ts";

/** Runs programs of the system; tests have others. */
export interface SystemTools {
  run(command: readonly string[], timeout?: number): Promise<ChildResult>;
}

/** `enable`: from now on at boot or login; `forget`: after the unit is gone. */
export type ServiceAction = "enable" | "start" | "stop" | "restart" | "disable" | "forget";

/** One command of an action. */
export interface ToolCommand {
  readonly words: readonly string[];
  /** Its failing means only that there was nothing to do. */
  readonly mayFail?: true;
}

/** What the manager says of the service. */
export interface ServiceState {
  readonly state: "running" | "starting" | "stopped" | "failed" | "absent";
  readonly pid?: number | undefined;
  /** What the manager says of its last end. */
  readonly detail?: string | undefined;
}

const UNIT = `${SERVICE_NAME}.service`;

/** Milliseconds an action may take: a start waits for readiness, which has 120 s. */
const ACTION_TIMEOUT = 150_000;
/** Milliseconds a look may take. */
const LOOK_TIMEOUT = 5000;
/** Milliseconds that launchd may take to end the job: its own ExitTimeOut and a little more. */
const BOOTOUT_TIMEOUT = 25_000;
const POLL_TIME = 100;

/** Returns what the action runs, in order. */
export function commandsOf(action: ServiceAction, place: ServicePlace, uid: number): readonly ToolCommand[] {
  return place.platform === "darwin" ? launchctl(action, place, uid) : systemctl(action, place);
}

function systemctl(action: ServiceAction, { scope }: ServicePlace): readonly ToolCommand[] {
  const call = (...words: readonly string[]): ToolCommand => ({
    words: ["systemctl", ...(scope === "user" ? ["--user"] : []), ...words],
  });
  switch (action) {
    case "enable":
      return [call("daemon-reload"), call("enable", UNIT)];
    case "start":
    case "restart":
      // A unit that failed too often would refuse for the rest of its minute.
      return [{ ...call("reset-failed", UNIT), mayFail: true }, call(action, UNIT)];
    case "stop":
      return [call("stop", UNIT)];
    case "forget":
      return [call("daemon-reload")];
    case "disable":
      return [call("disable", "--now", UNIT), { ...call("reset-failed", UNIT), mayFail: true }];
  }
}

function launchctl(action: ServiceAction, place: ServicePlace, uid: number): readonly ToolCommand[] {
  const domain = place.scope === "system" ? "system" : `gui/${uid}`;
  const job = `${domain}/${SERVICE_NAME}`;
  const call = (...words: readonly string[]): ToolCommand => ({ words: ["launchctl", ...words] });
  const end: ToolCommand = { ...call("bootout", job), mayFail: true };
  switch (action) {
    case "enable":
      return [call("enable", job)];
    case "start":
      return [call("bootstrap", domain, unitPath(place))];
    case "restart":
      return [end, call("bootstrap", domain, unitPath(place))];
    case "stop":
    case "disable":
      return [end];
    case "forget":
      return [];
  }
}

/** Runs the action; throws SERVICE_REFUSED with what the manager said. */
export async function act(action: ServiceAction, place: ServicePlace, uid: number, tools: SystemTools): Promise<void> {
  for (const command of commandsOf(action, place, uid)) {
    await runTool(command, tools);
    if (command.words[1] === "bootout") await untilAbsent(place, uid, tools);
  }
}

/** `bootout` returns before the job is gone, and a `bootstrap` too early fails. */
async function untilAbsent(place: ServicePlace, uid: number, tools: SystemTools): Promise<void> {
  for (let waited = 0; waited < BOOTOUT_TIMEOUT; waited += POLL_TIME) {
    if ((await stateOf(place, uid, tools)).state === "absent") return;
    await sleep(POLL_TIME);
  }
  throw new FleetError("SERVICE_REFUSED", `launchd did not end ${SERVICE_NAME} within ${BOOTOUT_TIMEOUT / 1000} s`);
}

/** Runs one command; throws SERVICE_REFUSED with its words and what it said. */
export async function runTool({ words, mayFail }: ToolCommand, tools: SystemTools): Promise<void> {
  const { code, stderr, stdout } = await runOrMissing(words, tools, ACTION_TIMEOUT);
  if (code === 0 || mayFail) return;
  const said = (stderr.trim() || stdout.trim()).split("\n")[0] ?? "";
  throw new FleetError("SERVICE_REFUSED", `${words.join(" ")} failed: ${said === "" ? `exit code ${String(code)}` : said}`);
}

/** Throws SERVICE_REFUSED when the manager does not answer at all, as in a container that has none. */
export async function requireManager({ platform, scope }: ServicePlace, tools: SystemTools): Promise<void> {
  const user = scope === "user" ? ["--user"] : [];
  const words = platform === "darwin" ? ["launchctl", "version"] : ["systemctl", ...user, "show", "--property=Version"];
  await runTool({ words }, tools);
}

/** Returns how the service is, by its manager. */
export async function stateOf(place: ServicePlace, uid: number, tools: SystemTools): Promise<ServiceState> {
  return place.platform === "darwin" ? launchdState(place, uid, tools) : systemdState(place, tools);
}

async function systemdState({ scope }: ServicePlace, tools: SystemTools): Promise<ServiceState> {
  const user = scope === "user" ? ["--user"] : [];
  const properties = "--property=LoadState,ActiveState,MainPID,Result,ExecMainStatus";
  const { stdout } = await runOrMissing(["systemctl", ...user, "show", UNIT, properties], tools, LOOK_TIMEOUT);
  const values = new Map(stdout.split("\n").map((line) => [line.split("=", 1)[0] ?? "", line.slice(line.indexOf("=") + 1)]));
  if (values.get("LoadState") !== "loaded") return { state: "absent" };
  const pid = Number(values.get("MainPID")) || undefined;
  const result = values.get("Result") ?? "success";
  const detail = result === "success" ? undefined : `${result}, exit code ${values.get("ExecMainStatus") ?? "unknown"}`;
  return { state: SYSTEMD_STATES[values.get("ActiveState") ?? ""] ?? "stopped", pid, detail };
}

const SYSTEMD_STATES: Readonly<Record<string, ServiceState["state"]>> = {
  active: "running",
  reloading: "running",
  activating: "starting",
  failed: "failed",
};

async function launchdState({ scope }: ServicePlace, uid: number, tools: SystemTools): Promise<ServiceState> {
  const job = `${scope === "system" ? "system" : `gui/${uid}`}/${SERVICE_NAME}`;
  const { code, stdout } = await runOrMissing(["launchctl", "print", job], tools, LOOK_TIMEOUT);
  if (code !== 0) return { state: "absent" };
  const pid = Number(/^\s*pid = ([0-9]+)$/m.exec(stdout)?.[1]) || undefined;
  const last = /^\s*last exit code = (.*)$/m.exec(stdout)?.[1];
  if (pid !== undefined) return { state: "running", pid };
  const failed = last !== undefined && /^[1-9]/.test(last);
  return { state: failed ? "failed" : "stopped", detail: failed ? `exit code ${last}` : undefined };
}

/** A tool that is not installed is one that refused. */
async function runOrMissing(words: readonly string[], tools: SystemTools, timeout: number): Promise<ChildResult> {
  try {
    return await tools.run(words, timeout);
  } catch (error) {
    return { code: null, stdout: "", stderr: messageOf(error) };
  }
}

/** Returns the words that show the service's log. */
export function logCommand(place: ServicePlace, file: string | undefined, lines: number, follow: boolean): readonly string[] {
  if (file !== undefined) return ["tail", "-n", String(lines), ...(follow ? ["-F"] : []), file];
  const unit = place.scope === "user" ? [`--user-unit=${UNIT}`] : [`--unit=${UNIT}`];
  return ["journalctl", ...unit, `--lines=${lines}`, "--output=cat", ...(follow ? ["--follow"] : ["--no-pager"])];
}
