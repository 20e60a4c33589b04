/** Which members of an input are whole numbers: in a query all values are text, and only the table knows better. */

import * as z from "zod";
import { type OperationName, operationOf } from "./operations.ts";

const known = new Map<OperationName, ReadonlySet<string>>();

/** Returns the names of the input's members that are whole numbers, worked out once for each operation. */
export function numericMembers(operation: OperationName): ReadonlySet<string> {
  const members = known.get(operation) ?? findNumericMembers(operation);
  known.set(operation, members);
  return members;
}

function findNumericMembers(operation: OperationName): ReadonlySet<string> {
  const { properties = {} } = z.toJSONSchema(operationOf(operation).input, { io: "input", unrepresentable: "any" });
  return new Set(Object.keys(properties).filter((name) => isInteger(properties[name])));
}

function isInteger(schema: unknown): boolean {
  return typeof schema === "object" && schema !== null && "type" in schema && schema.type === "integer";
}
