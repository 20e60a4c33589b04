/**
 * Tells systemd that the node is ready, where the unit asks to be told (`Type=notify`). The message is a datagram to a
 * Unix socket, which Node cannot send, so systemd's own program sends it; it is called by its path, not looked for.
 */

import { existsSync } from "node:fs";
import { messageOf } from "../foundation/errors.ts";
import { type ChildResult, runChild } from "./child.ts";

/** Where distributions put it. */
const NOTIFIERS = ["/usr/bin/systemd-notify", "/bin/systemd-notify", "/run/current-system/sw/bin/systemd-notify"] as const;

/** Milliseconds it may take; it waits until systemd has read the message. */
const NOTIFY_TIMEOUT = 10_000;

/** Returns systemd's program for telling, undefined where it is not installed. */
export function findNotifier(exists: (path: string) => boolean = existsSync): string | undefined {
  return NOTIFIERS.find(exists);
}

/**
 * Says READY=1 to whoever started this process, if it asked (`NOTIFY_SOCKET`, sd_notify(3)). Resolves to what went
 * wrong, undefined when nothing did: a node that answers must not end because nobody could be told.
 */
export async function tellReady(
  env: Readonly<Record<string, string | undefined>>,
  run: (words: readonly string[]) => Promise<ChildResult> = runNotifier,
  notifier = findNotifier(),
): Promise<string | undefined> {
  if ((env["NOTIFY_SOCKET"] ?? "") === "") return undefined;
  if (notifier === undefined) return "systemd-notify is not installed; the unit needs Type=exec here";
  try {
    const { code, stderr } = await run([notifier, "--ready", "--status=answers"]);
    return code === 0 ? undefined : `${notifier} failed: ${stderr.trim()}`;
  } catch (error) {
    return `${notifier} failed: ${messageOf(error)}`;
  }
}

function runNotifier([program = "", ...args]: readonly string[]): Promise<ChildResult> {
  return runChild(program, args, { timeout: NOTIFY_TIMEOUT });
}
