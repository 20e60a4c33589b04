/** Finds the one thing a person means by an id, its first characters, or a name. */

import { CommandError, UsageError } from "./failure.ts";

interface Named {
  readonly id: string;
  readonly name: string;
}

interface Choice<T> {
  /** What is chosen among, as one word. */
  readonly what: string;
  /** The command that lists them. */
  readonly list: string;
  /** The texts whose first characters count. */
  readonly starts: (thing: T) => readonly string[];
}

/** Characters of an id that must be typed at least. */
const SHORTEST = 4;

/**
 * Returns the thing that `typed` names; an exact id comes before a name, a name before the beginning of an id.
 * Throws CommandError: NOT_FOUND, or a UsageError when several fit.
 */
export function choose<T extends Named>(things: readonly T[], typed: string, { what, list, starts }: Choice<T>): T {
  const byId = things.filter(({ id }) => id === typed);
  const byName = things.filter(({ name }) => name === typed);
  const byStart = typed.length < SHORTEST ? [] : things.filter((thing) => starts(thing).some((text) => text.startsWith(typed)));
  const found = [byId, byName, byStart].find((list) => list.length > 0) ?? [];
  const [first, second] = found;
  if (first === undefined) {
    throw new CommandError("NOT_FOUND", `there is no ${what} ${JSON.stringify(typed)} on this node`, `see "cider fleet ${list}"`);
  }
  if (second === undefined) return first;
  const ids = found.map(({ id }) => id).join(", ");
  throw new UsageError(`${found.length} ${what}s fit ${JSON.stringify(typed)}`, `use the id: ${ids}`);
}
