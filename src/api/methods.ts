/** What a path takes besides its own methods (RFC 9110 §9.3.2, §9.3.7): HEAD wherever GET is, OPTIONS everywhere. */

import { FleetError } from "../foundation/errors.ts";

/** Methods of what can only be read. */
export const READING = ["GET", "HEAD"] as const;

/** Returns the methods with HEAD beside GET. node:http leaves out the body of its answers, and keeps their length. */
export function withHead<M extends string>(methods: readonly M[]): readonly (M | "HEAD")[] {
  return methods.flatMap((method) => (method === "GET" ? [method, "HEAD"] : [method]));
}

/** Returns the value of the Allow field for a path that takes these. */
export function allowOf(methods: readonly string[]): string {
  return [...methods, "OPTIONS"].join(", ");
}

/** Returns METHOD_NOT_ALLOWED that says what the path takes. */
export function methodRefused(methods: readonly string[]): FleetError {
  return new FleetError("METHOD_NOT_ALLOWED", undefined, { allow: allowOf(methods) });
}
