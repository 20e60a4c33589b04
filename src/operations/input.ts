/** Inputs of operations: from whatever a caller sent to what the handler takes. */

import type * as z from "zod";
import type { Operation } from "../catalogue/operation.ts";
import { FleetError } from "../foundation/errors.ts";

/** Returns the input as the handler takes it; throws INVALID_REQUEST that names the member and never repeats its value. */
export function parseInput(entry: Operation, input: unknown): unknown {
  if (entry.parse !== undefined) return entry.parse(input);
  const result = entry.input.safeParse(input);
  if (result.success) return result.data;
  throw inputError(result.error);
}

function inputError({ issues: [issue] }: z.ZodError): FleetError {
  const field = issue?.path.join(".") ?? "";
  return new FleetError("INVALID_REQUEST", `${field === "" ? "input" : field}: ${issue?.message ?? "invalid"}`, { field });
}
