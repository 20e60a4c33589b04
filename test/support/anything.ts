/** Stand-ins for values a test cannot know, typed so that they spread no `any`. */

import { expect } from "vitest";

export const anyText: unknown = expect.any(String);
export const anyNumber: unknown = expect.any(Number);

export function textLike(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}

export function numberNear(value: number, digits: number): unknown {
  return expect.closeTo(value, digits);
}

/** A list with these among its items. */
export function listWith(...items: readonly unknown[]): unknown {
  return expect.arrayContaining([...items]);
}

/** An object with these among its members. */
export function objectWith(members: Readonly<Record<string, unknown>>): unknown {
  return expect.objectContaining(members);
}
