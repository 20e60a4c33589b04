/** The methods of the WebSocket: operations by their own names, and streams with a small first letter, as in `subscribe`. */

import { isOperationName, OPERATION_NAMES, type OperationName, operationOf } from "../catalogue/operations.ts";

const isStream = (name: OperationName): boolean => operationOf(name).kind === "stream";

const STREAMS: ReadonlyMap<string, OperationName> = new Map(
  OPERATION_NAMES.filter(isStream).map((name) => [name.charAt(0).toLowerCase() + name.slice(1), name]),
);

/** Returns the operation that a method calls, or undefined where there is none. */
export function operationOfMethod(method: string): OperationName | undefined {
  const stream = STREAMS.get(method);
  if (stream !== undefined) return stream;
  return isOperationName(method) && !isStream(method) ? method : undefined;
}
