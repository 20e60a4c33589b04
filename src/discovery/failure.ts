/** Why a link could not be opened, in words for people. */

import { isSystemError } from "../host/files.ts";
import { MDNS_PORT } from "./link-socket.ts";

/** Returns the sentence, without full stop. */
export function sayFailure(error: unknown): string {
  if (isSystemError(error, "EADDRINUSE")) return `port ${MDNS_PORT} is held by a program that does not share it`;
  if (isSystemError(error, "EACCES", "EPERM")) return `this account may not use port ${MDNS_PORT} or the network behind it`;
  return error instanceof Error ? error.message : String(error);
}
