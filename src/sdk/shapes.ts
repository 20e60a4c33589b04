/**
 * What operations take and answer, as plain types. The catalogue's schemas are the source; these say the same without
 * zod, so that a program which installs this package needs no schema library to be type-checked. A test holds both equal.
 *
 * Times are RFC 3339 UTC with milliseconds; GB are 2^30 bytes.
 */

export type * from "./shapes/audit.ts";
export type * from "./shapes/bearers.ts";
export type * from "./shapes/doctor.ts";
export type * from "./shapes/events.ts";
export type * from "./shapes/node.ts";
export type * from "./shapes/pairing.ts";
export type * from "./shapes/peers.ts";
export type * from "./shapes/projects.ts";
export type * from "./shapes/tokens.ts";

/** An input without members. */
export type Nothing = Readonly<Record<string, never>>;
