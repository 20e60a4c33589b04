/**
 * The one table of operations, put together from a file for each noun. RPC, REST, WebSocket, OpenAPI, metrics, ledger, CLI
 * and the clients' types come from it; the key is the operation's one name.
 */

import type * as z from "zod";
import { AUDIT_OPERATIONS } from "./audit-operations.ts";
import { BEARER_OPERATIONS } from "./bearers-operations.ts";
import { DOCTOR_OPERATIONS } from "./doctor-operations.ts";
import { EVENT_OPERATIONS } from "./events-operations.ts";
import { MACHINE_OPERATIONS } from "./machines-operations.ts";
import { MONITORING_OPERATIONS } from "./monitoring-operations.ts";
import { NODE_OPERATIONS } from "./node-operations.ts";
import type { Operation } from "./operation.ts";
import { PAIRING_OPERATIONS } from "./pairing-operations.ts";
import { PEER_OPERATIONS } from "./peers-operations.ts";
import { PROJECT_OPERATIONS } from "./projects-operations.ts";
import { TOKEN_OPERATIONS } from "./tokens-operations.ts";

/** Everything a node can do, by its one name. */
export const OPERATIONS = {
  ...NODE_OPERATIONS,
  ...PAIRING_OPERATIONS,
  ...PEER_OPERATIONS,
  ...TOKEN_OPERATIONS,
  ...PROJECT_OPERATIONS,
  ...BEARER_OPERATIONS,
  ...AUDIT_OPERATIONS,
  ...MONITORING_OPERATIONS,
  ...DOCTOR_OPERATIONS,
  ...EVENT_OPERATIONS,
  ...MACHINE_OPERATIONS,
} as const satisfies Readonly<Record<string, Operation>>;

/** A name of the table. */
export type OperationName = keyof typeof OPERATIONS;

/** What a caller may send: members with defaults are optional. */
export type OperationInput<N extends OperationName> = z.input<(typeof OPERATIONS)[N]["input"]>;

/** What a handler receives: defaults filled in, or what the hand-written parser made. */
export type ParsedInput<N extends OperationName> = (typeof OPERATIONS)[N] extends {
  readonly parse: (input: unknown) => infer Parsed;
}
  ? Parsed
  : z.output<(typeof OPERATIONS)[N]["input"]>;

/** What is answered. */
export type OperationOutput<N extends OperationName> = z.output<(typeof OPERATIONS)[N]["output"]>;

/** All names, in the table's order. */
export const OPERATION_NAMES = Object.keys(OPERATIONS) as readonly OperationName[];

/** Returns the entry as the general type, for code that treats all operations alike. */
export function operationOf(operation: OperationName): Operation {
  return OPERATIONS[operation];
}

/** Returns whether `text` names an operation. */
export function isOperationName(text: string): text is OperationName {
  return Object.hasOwn(OPERATIONS, text);
}
