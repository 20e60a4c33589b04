/** Why a link could not be opened, in words for people. */

import { messageOf } from "../foundation/errors.ts";
import { isSystemError } from "../host/files.ts";
import { MDNS_PORT } from "./link-socket.ts";

/** What macOS 15 answers to programs that were not allowed to use the local network. */
const BLOCKED_BY_MACOS =
  "macOS lets nothing out; allow it below System Settings, Privacy & Security, Local Network, or run it as a daemon";

/** Returns the sentence, without full stop. */
export function sayFailure(error: unknown): string {
  if (isSystemError(error, "EADDRINUSE")) return `port ${MDNS_PORT} is held by a program that does not share it`;
  if (isSystemError(error, "EACCES", "EPERM")) return `this account may not use port ${MDNS_PORT} or the network behind it`;
  if (isSystemError(error, "EHOSTUNREACH") && process.platform === "darwin") return BLOCKED_BY_MACOS;
  return messageOf(error);
}
