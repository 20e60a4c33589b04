/** The change that says that the oldest lines were removed, and up to which one. */

import type { Change } from "./line.ts";

/** Type of the change that says which part of the record is gone. */
export const TRIMMED = "record.trimmed";

/** Returns up to which seq these changes say that lines were removed; 0 when they do not. */
export function trimmedBy(changes: readonly Change[]): number {
  return Math.max(0, ...changes.map(({ type, upTo }) => (type === TRIMMED && typeof upTo === "number" ? upTo : 0)));
}
