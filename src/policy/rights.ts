/** Which scopes a role or a preset holds: the table of docs/permissions.md. */

import type { Operation, Verb } from "../catalogue/operation.ts";
import { isWord, type Role, SCOPES, type Scope } from "../foundation/vocabulary.ts";

const READ: readonly Scope[] = ["machines:read", "metrics:read"];
const OPERATE: readonly Scope[] = [
  ...READ,
  "machines:write",
  "commands:execute",
  "files:read",
  "files:write",
  "schedules:manage",
  "agent:invoke",
];

/** What each role holds. */
export const ROLE_SCOPES: Readonly<Record<Role, ReadonlySet<Scope>>> = {
  viewer: new Set(READ),
  operator: new Set(OPERATE),
  admin: new Set(SCOPES),
};

/** Scopes no token can hold: they make or end rights, which is for the local socket and admin peers. */
const NEVER_GRANTED: ReadonlySet<string> = new Set<Scope>([
  "tokens:manage",
  "peers:manage",
  "pairing:manage",
  "permissions:manage",
]);

/** What a token can hold. */
export const GRANTABLE_SCOPES: readonly Scope[] = SCOPES.filter((scope) => !NEVER_GRANTED.has(scope));

/** What a custom token may hold instead of single scopes: every grantable right whose operation has the verb. */
export const WILDCARDS = [
  "read:*",
  "create:*",
  "update:*",
  "delete:*",
] as const satisfies readonly `${Exclude<Verb, "execute">}:*`[];

/** Returns whether `held` allows the operation: by its scope, or by a wildcard of its verb where the scope is grantable. */
export function holds(held: ReadonlySet<string>, { need, verb }: Pick<Operation, "need" | "verb">): boolean {
  if (held.has(need)) return true;
  return isWord(SCOPES, need) && !NEVER_GRANTED.has(need) && held.has(`${verb}:*`);
}
