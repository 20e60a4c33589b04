/** Tells the holder of a token in time that it ends: nodes say so with every answer in a token's last 14 days. */

import { fromTimestamp } from "../foundation/clock.ts";
import { sayDuration } from "../foundation/durations.ts";
import type { TransportAnswer } from "./transport.ts";

/** Passes a warning to whoever runs the program. `code` is for programs, the message holds no secret. */
export type Warn = (message: string, code: string) => void;

/** Code of the warning. */
const CODE = "CIDER_TOKEN_ENDS";

/** What was warned of in this process, by what lists show of a token. */
const warned = new Set<string>();

/** Warns once per token and process when the answer says that the token ends, or that another took its place. */
export function warnOfEnd(tokenPrefix: string, { headers }: Pick<TransportAnswer, "headers">, now: number, warn: Warn): void {
  if (warned.has(tokenPrefix)) return;
  const end = timeIn(headers["cider-token-expires"]);
  const successor = /^[0-9a-f-]{36}$/.exec(headers["cider-token-rotated"] ?? "")?.[0];
  if (end === undefined && successor === undefined) return;
  warned.add(tokenPrefix);
  const ends = end === undefined ? "" : ` ends at ${end}, in ${sayDuration(Math.max(0, fromTimestamp(end) - now))}`;
  const rotated = successor === undefined ? "" : ` was rotated: token ${successor} takes its place`;
  const remedy = successor === undefined ? 'rotate it with "cider fleet token rotate"' : "give this program the new text";
  warn(`API token ${tokenPrefix}…${[rotated, ends].filter((part) => part !== "").join(" and")}; ${remedy}`, CODE);
}

/** Returns the time as sent; undefined for none, and for what is no time: it goes into a terminal. */
function timeIn(text: string | undefined): string | undefined {
  try {
    return text === undefined || Number.isNaN(fromTimestamp(text)) ? undefined : text;
  } catch {
    return undefined;
  }
}
