/** Tokens that end soon: the header fields that tell their holders, and how many such tokens there are. */

import { timestamp } from "../foundation/clock.ts";
import { DAY, MINUTE } from "../foundation/durations.ts";
import type { TokenStore } from "./store.ts";
import { endOf, statusOf, type Token } from "./token.ts";

/** Milliseconds before its end in which a token counts as ending soon. */
export const ENDING_SOON = 14 * DAY;

const NOTHING: readonly string[] = [];

/**
 * Returns header fields for the holder of an active token, as a flat list: `Cider-Token-Expires` in the last 14 days, and
 * `Cider-Token-Rotated` with the successor's id while both are good.
 */
export function endingHeaders(token: Token, now: number): readonly string[] {
  const end = endOf(token);
  if (token.rotatedTo === undefined && (end === null || end - now > ENDING_SOON)) return NOTHING;
  if (statusOf(token, now) !== "active") return NOTHING;
  if (end === null || end - now > ENDING_SOON) return rotatedHeader(token);
  return ["Cider-Token-Expires", timestamp(end), ...rotatedHeader(token)];
}

function rotatedHeader({ rotatedTo }: Token): readonly string[] {
  return rotatedTo === undefined ? NOTHING : ["Cider-Token-Rotated", rotatedTo];
}

/** Counts active tokens, and those that end soon; a count is kept until a token changes or a minute has passed. */
export class TokenCounts {
  readonly #store: TokenStore;
  #active = 0;
  #soon = 0;
  #version = -1;
  #until = 0;

  constructor(store: TokenStore) {
    this.#store = store;
  }

  /** Returns how many tokens are active, and how many of them end within 14 days. */
  at(now: number): { readonly active: number; readonly endingSoon: number } {
    if (this.#version !== this.#store.version || now >= this.#until) this.#count(now);
    return { active: this.#active, endingSoon: this.#soon };
  }

  #count(now: number): void {
    this.#version = this.#store.version;
    this.#until = now + MINUTE;
    this.#active = 0;
    this.#soon = 0;
    for (const token of this.#store.list()) {
      if (statusOf(token, now) !== "active") continue;
      this.#active++;
      const end = endOf(token);
      if (end !== null && end - now <= ENDING_SOON) this.#soon++;
    }
  }
}
