/** Which members of an input are numbers or booleans. A query has them as text, so the surface asks here. */

import * as z from "zod";
import { type OperationName, operationOf } from "./operations.ts";

type Form = "boolean" | "integer";

const known = new Map<OperationName, ReadonlyMap<string, Form>>();

/** Returns the input's members that are whole numbers or yes and no, by name, worked out once for each operation. */
export function queryMembers(operation: OperationName): ReadonlyMap<string, Form> {
  const members = known.get(operation) ?? findMembers(operation);
  known.set(operation, members);
  return members;
}

function findMembers(operation: OperationName): ReadonlyMap<string, Form> {
  const { properties = {} } = z.toJSONSchema(operationOf(operation).input, { io: "input", unrepresentable: "any" });
  return new Map(Object.entries(properties).flatMap(([name, schema]) => formsOf(schema).map((form) => [name, form] as const)));
}

function formsOf(schema: unknown): readonly Form[] {
  if (typeof schema !== "object" || schema === null || !("type" in schema)) return [];
  return schema.type === "boolean" || schema.type === "integer" ? [schema.type] : [];
}
