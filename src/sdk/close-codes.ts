/** Why a WebSocket ended, as errors (docs/protocol/07-websocket.md). A reason that is a code of the error table counts first. */

import { ERRORS, type ErrorCode, FleetError, isAnswerCode } from "../foundation/errors.ts";
import { CLOSE_CODES } from "../wire/frames.ts";

interface Ending {
  readonly code: ErrorCode;
  readonly text?: string;
}

const ENDINGS: ReadonlyMap<number, Ending> = new Map<number, Ending>([
  [CLOSE_CODES.goingAway, { code: "SHUTTING_DOWN" }],
  [CLOSE_CODES.credentialEnded, { code: "CREDENTIAL_ENDED" }],
  [CLOSE_CODES.refused, { code: "CONNECTION_CLOSED", text: "the node refused the connection" }],
  [CLOSE_CODES.backlog, { code: "CONNECTION_CLOSED", text: "the node closed the connection: events were not read fast enough" }],
  [CLOSE_CODES.tooMany, { code: "RATE_LIMITED" }],
]);

/** Close code of a client that is done. */
export const NORMAL_CLOSURE = 1000;

/** Returns the error of a close frame; `closeCode` and `reason` are its details. */
export function closeError(closeCode: number, reason: string): FleetError {
  const details = { closeCode, reason };
  if (closeCode !== NORMAL_CLOSURE && isAnswerCode(reason)) return new FleetError(reason, undefined, details);
  const { code, text } = ENDINGS.get(closeCode) ?? { code: "CONNECTION_CLOSED" };
  const said = text ?? ERRORS[code].meaning;
  return new FleetError(code, reason === "" ? said : `${said}: ${reason}`, details);
}
