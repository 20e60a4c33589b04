/**
 * Exit codes by name. Scripts and service units rely on them; `docs/cli.md` lists the same table and a test holds both.
 * 74, 75 and 78 are those of sysexits.h, which units know: 78 means that starting again will not help.
 */

import { ERRORS, type ErrorCode, type FleetError, isFleetError } from "../foundation/errors.ts";

/** What each exit code says. */
export const EXIT_CODES = {
  OK: { code: 0, meaning: "done" },
  FAILED: { code: 1, meaning: "the node, or this program, could not do it; the message says why" },
  USAGE: { code: 2, meaning: "the command line, or a value in it, cannot be understood" },
  UNREACHABLE: { code: 3, meaning: "no node runs here, or the other node does not answer" },
  REFUSED: {
    code: 4,
    meaning: "the node does not accept this credential, this account, this code, or its key is not the one known",
  },
  NOT_FOUND: { code: 5, meaning: "there is no such peer, token or thing" },
  EXPIRED: { code: 6, meaning: "the pairing window ended and nobody had paired" },
  STORAGE: { code: 74, meaning: "the disk failed under the node" },
  BUSY: { code: 75, meaning: "the port or the data folder is taken by another program" },
  CONFIG: { code: 78, meaning: "configuration or data folder must be mended before the node can start" },
  INTERRUPTED: { code: 130, meaning: "ended by Ctrl-C" },
} as const satisfies Readonly<Record<string, { readonly code: number; readonly meaning: string }>>;

/** A name of the table. */
export type ExitName = keyof typeof EXIT_CODES;

const BY_ERROR: Partial<Readonly<Record<ErrorCode, ExitName>>> = {
  NOT_RUNNING: "UNREACHABLE",
  CONNECTION_FAILED: "UNREACHABLE",
  DISCOVERY_FAILED: "UNREACHABLE",
  NODE_NOT_FOUND: "NOT_FOUND",
  CONNECTION_CLOSED: "UNREACHABLE",
  TIMEOUT: "UNREACHABLE",
  SHUTTING_DOWN: "UNREACHABLE",
  ABORTED: "INTERRUPTED",
  INVALID_OPTIONS: "USAGE",
  INVALID_REQUEST: "USAGE",
  LINK_INVALID: "USAGE",
  NO_KEY_FOR_NODE_ID: "REFUSED",
  NODE_UNPROVEN: "REFUSED",
  NODE_MISMATCH: "REFUSED",
  SOCKET_REFUSED: "REFUSED",
  PORT_TAKEN: "BUSY",
  FOLDER_IN_USE: "BUSY",
};

const BY_STATUS: Readonly<Record<number, ExitName>> = { 401: "REFUSED", 403: "REFUSED", 404: "NOT_FOUND", 421: "REFUSED" };

/** Returns the exit code's name for what was thrown; a defect is FAILED. */
export function exitOf(error: unknown): ExitName {
  return isFleetError(error) ? exitOfFleetError(error) : "FAILED";
}

function exitOfFleetError(error: FleetError): ExitName {
  if (error.code === "STORAGE_FAILED") return "STORAGE";
  return BY_ERROR[error.code] ?? BY_STATUS[error.status] ?? (ERRORS[error.code].kind === "start" ? "CONFIG" : "FAILED");
}
