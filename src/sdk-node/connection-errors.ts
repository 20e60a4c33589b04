/** Failures of the operating system and of TLS, as the errors a client raises. */

import { FleetError, isFleetError } from "../foundation/errors.ts";
import { isSystemError } from "../host/files.ts";

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "no such host name",
  EAI_AGAIN: "the host name cannot be looked up now",
  EHOSTUNREACH: "no route to this host",
  ENETUNREACH: "no route to this network",
  ETIMEDOUT: "no answer from this host",
  ECONNRESET: "the connection was cut",
  EPIPE: "the connection was cut",
  ERR_SSL_WRONG_VERSION_NUMBER: "what listens there does not speak TLS",
};

/** Returns a coded error for a failure on the way to `where` (host and port); a coded one is returned as it is. */
export function connectionError(where: string, error: unknown): FleetError {
  if (isFleetError(error)) return error;
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  const why = WORDS[code] ?? (error instanceof Error ? error.message : "unknown failure");
  return new FleetError("CONNECTION_FAILED", `cannot reach ${where}: ${why}`, code === "" ? {} : { reason: code }, {
    cause: error,
  });
}

/** The same for the local socket: no file or no listener is NOT_RUNNING, somebody else's is SOCKET_REFUSED. */
export function socketError(path: string, error: unknown): FleetError {
  if (isSystemError(error, "ENOENT", "ECONNREFUSED")) {
    return new FleetError("NOT_RUNNING", `no node is listening on ${path}`, {}, { cause: error });
  }
  if (isSystemError(error, "EACCES", "EPERM")) {
    return new FleetError("SOCKET_REFUSED", `the socket ${path} belongs to another account`, {}, { cause: error });
  }
  return connectionError(path, error);
}
