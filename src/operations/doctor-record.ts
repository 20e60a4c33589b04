/** Probes of what the node keeps: its record, its time, and whom it trusts. */

import { DAY, MINUTE, SECOND, sayDuration } from "../foundation/durations.ts";
import { type Finding, ill, type Probe, well } from "../foundation/findings.ts";
import type { Verification } from "../ledger/verify.ts";

/** Milliseconds that a peer may be silent. */
const SILENT = 90 * DAY;
/** Milliseconds that two looks at the clock may differ. */
const STEP = 5 * SECOND;
/** Milliseconds in which requests refused for their time count. */
const LATELY = DAY;
/** Things that one sentence names. */
const MOST_NAMED = 5;

/** Something with a name and a moment, milliseconds since the epoch. */
export interface Dated {
  readonly name: string;
  readonly at: number;
}

/** What of the kept state is looked at. */
export interface RecordReader {
  readonly verify: () => Promise<Verification>;
  /** The clock as it is, and as the node keeps it: never stepping back. */
  readonly wall: () => number;
  readonly kept: () => number;
  /** Resolves to when the newest entry was made, undefined when there is none. */
  readonly newestEntry: () => Promise<number | undefined>;
  /** Addresses whose requests were refused for their time, and when last. */
  readonly refusedForTime: () => Promise<readonly Dated[]>;
  /** Active tokens and when they end, those that never do left out. */
  readonly endings: () => readonly Dated[];
  /** Milliseconds before its end in which a token counts as ending soon. */
  readonly endingSoon: number;
  /** Peers and when they were seen last, or paired. */
  readonly sightings: () => readonly Dated[];
}

/** The probes of this file. */
export const RECORD_PROBES: readonly Probe<RecordReader>[] = [
  { code: "LEDGER_CHAIN", look: lookAtChain },
  { code: "CLOCK", look: lookAtClock },
  { code: "TOKENS_ENDING", look: lookAtTokens },
  { code: "PEERS_SILENT", look: lookAtPeers },
];

async function lookAtChain({ verify }: RecordReader): Promise<Finding> {
  const { fault, from, head } = await verify();
  if (fault === undefined) return well("LEDGER_CHAIN", `entries ${from} to ${head.seq} verify`);
  return ill("LEDGER_CHAIN", `${fault.file} line ${fault.line} (entry ${fault.seq}) ${fault.reason}`);
}

async function lookAtClock({ kept, newestEntry, refusedForTime, wall }: RecordReader): Promise<readonly Finding[]> {
  const now = wall();
  const ahead = Math.max(kept(), (await newestEntry()) ?? 0) - now;
  const stepped =
    ahead > STEP ? [ill("CLOCK", `the clock was set back: the node has seen a time ${sayDuration(ahead)} ahead of it`)] : [];
  const refused = latest(await refusedForTime()).filter(({ at }) => kept() - at < LATELY);
  const others = refused.map(({ at, name }) =>
    ill("CLOCK", `requests from ${name} were refused for their time, ${sayAgo(kept() - at)}: its clock and this one differ`),
  );
  const found = [...stepped, ...others.slice(0, MOST_NAMED)];
  return found.length > 0 ? found : [well("CLOCK", "the clock never stepped back, and no peer's differs")];
}

/** One for each name, with its latest moment. */
function latest(all: readonly Dated[]): readonly Dated[] {
  const byName = new Map<string, number>();
  for (const { at, name } of all) byName.set(name, Math.max(at, byName.get(name) ?? at));
  return [...byName].map(([name, at]) => ({ name, at }));
}

function sayAgo(ms: number): string {
  return ms < MINUTE ? "just now" : `${sayDuration(ms)} ago`;
}

function lookAtTokens({ endings, endingSoon, kept }: RecordReader): Finding {
  const soon = endings().filter(({ at }) => at - kept() <= endingSoon);
  if (soon.length === 0) return well("TOKENS_ENDING", `no token ends within ${sayDuration(endingSoon)}`);
  const named = listed(soon, ({ at, name }) => `${JSON.stringify(name)} in ${sayDuration(at - kept())}`);
  return ill("TOKENS_ENDING", `${soon.length === 1 ? "a token ends" : `${soon.length} tokens end`} soon: ${named}`);
}

function lookAtPeers({ kept, sightings }: RecordReader): Finding {
  const silent = sightings().filter(({ at }) => kept() - at > SILENT);
  if (silent.length === 0) return well("PEERS_SILENT", `every peer was seen within ${sayDuration(SILENT)}`);
  const named = listed(silent, ({ at, name }) => `${JSON.stringify(name)} for ${sayDuration(kept() - at)}`);
  return ill("PEERS_SILENT", `${silent.length === 1 ? "a peer was" : `${silent.length} peers were`} not seen: ${named}`);
}

/** The earliest first, and how many more there are. */
function listed(all: readonly Dated[], say: (one: Dated) => string): string {
  const shown = all
    .toSorted((a, b) => a.at - b.at)
    .slice(0, MOST_NAMED)
    .map(say);
  const rest = all.length - shown.length;
  return [...shown, ...(rest > 0 ? [`and ${rest} more`] : [])].join(", ");
}
