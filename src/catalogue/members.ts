/** Which members an input has, for surfaces that ignore further ones. */

import * as z from "zod";
import { type OperationName, operationOf } from "./operations.ts";

const known = new Map<OperationName, ReadonlySet<string>>();

/** Returns the names of the input's members, worked out once for each operation. */
export function memberNames(operation: OperationName): ReadonlySet<string> {
  const names = known.get(operation) ?? findNames(operation);
  known.set(operation, names);
  return names;
}

function findNames(operation: OperationName): ReadonlySet<string> {
  const { properties = {} } = z.toJSONSchema(operationOf(operation).input, { io: "input", unrepresentable: "any" });
  return new Set(Object.keys(properties));
}
