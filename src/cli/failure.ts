/** How a command fails: one line of error, one of hint where there is a remedy, and a named exit code. */

import { isFleetError, messageOf } from "../foundation/errors.ts";
import { EXIT_CODES, type ExitName, exitOf } from "./exit-codes.ts";
import { hint, type Terminal } from "./terminal.ts";

/** What this program itself refuses, with its own remedy; what a node refuses is a FleetError. */
export class CommandError extends Error {
  override readonly name: string = "CommandError";
  readonly exit: ExitName;
  readonly remedy: string | undefined;

  /** @param message lower case, without full stop, naming the thing */
  constructor(exit: ExitName, message: string, remedy?: string) {
    super(message);
    this.exit = exit;
    this.remedy = remedy;
  }
}

/** A command line that cannot be carried out as typed; the message names the argument. */
export class UsageError extends CommandError {
  override readonly name = "UsageError";

  constructor(message: string, remedy?: string) {
    super("USAGE", message, remedy);
  }
}

/**
 * Says on stderr what went wrong and returns the exit code. A defect shows its stack only with CIDER_DEBUG=1.
 *
 * @param seeHelp where it is said what the command takes
 */
export function reportFailure(error: unknown, terminal: Terminal, seeHelp?: string): number {
  const { err, env } = terminal;
  err.line(`${err.paint("red", "cider: error:")} ${sentenceOf(error)}`);
  const remedy = remedyOf(error, seeHelp);
  if (remedy !== undefined) hint(terminal, remedy);
  if (env["CIDER_DEBUG"] !== undefined && error instanceof Error) err.line(error.stack);
  return EXIT_CODES[error instanceof CommandError ? error.exit : exitOf(error)].code;
}

function sentenceOf(error: unknown): string {
  const message = messageOf(error);
  return isFleetError(error) || error instanceof CommandError ? message : `this should not happen: ${message}`;
}

function remedyOf(error: unknown, seeHelp: string | undefined): string | undefined {
  if (error instanceof CommandError) return error.remedy;
  if (!isFleetError(error)) return "set CIDER_DEBUG=1 to see where it happened, and report it";
  const { command, requestId } = error.details;
  // Of this program's own making: a command that a node's answer named would be a stranger's to choose.
  if (error.code === "SOCKET_REFUSED" && typeof command === "string") return `run: ${command}`;
  if (error.remedy.startsWith(IN_MESSAGE)) return undefined;
  if (error.code === "INVALID_REQUEST") return seeHelp;
  return typeof requestId === "string" && error.status >= 500 ? `${error.remedy} (request ${requestId})` : error.remedy;
}

/** How the error table begins a remedy that the message itself holds. */
const IN_MESSAGE = "the message ";
