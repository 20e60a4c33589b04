/** The options that narrow the record, as the node takes them. */

import { timestamp } from "../foundation/clock.ts";
import { parseDuration } from "../foundation/durations.ts";
import { messageOf } from "../foundation/errors.ts";
import { isNodeId, isUuid } from "../foundation/ids.ts";
import type { AuditEntry, AuditQuery, FleetClient } from "../sdk-node/index.ts";
import { choose } from "./choose.ts";
import type { Call } from "./command.ts";
import { UsageError } from "./failure.ts";

/** Entries of one request while more are to come. */
const PAGE = 500;

/** Resolves to the query that the options ask for; names of tokens and peers are looked up. */
export async function auditQuery(call: Call, client: FleetClient): Promise<AuditQuery> {
  const { flags } = call;
  const [token, peer] = [flags.text("token"), flags.text("peer")];
  return {
    after: moment(call, "after"),
    before: moment(call, "before"),
    actor: flags.text("actor"),
    operation: flags.text("operation"),
    outcome: flags.word("outcome", ["done", "refused"]),
    request: flags.text("request"),
    address: flags.text("address"),
    token: token === undefined ? undefined : await tokenId(client, token),
    peer: peer === undefined ? undefined : await peerId(client, peer),
  };
}

/** Yields entries newest first, up to `most`, however many answers that takes. */
export async function* entriesOf(client: FleetClient, query: AuditQuery, most = Infinity): AsyncGenerator<AuditEntry, void> {
  let left = most;
  for (let cursor: string | null | undefined; cursor !== null && left > 0; ) {
    const page = await client.listAuditEntries({ ...query, cursor, limit: Math.min(left, PAGE) });
    yield* page.entries;
    left -= page.entries.length;
    ({ cursor } = page);
  }
}

/** Returns the time that an option names; a duration means that long ago. */
function moment({ clock, flags }: Call, name: string): string | undefined {
  const text = flags.text(name);
  if (text === undefined) return undefined;
  const time = /^[0-9]+[a-z]$/.test(text) ? clock.now() - durationOf(name, text) : Date.parse(text);
  if (Number.isNaN(time)) throw new UsageError(`--${name} takes a time such as 2h, 2027-01-31 or 2027-01-31T08:00:00Z`);
  return timestamp(time);
}

function durationOf(name: string, text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw new UsageError(`--${name}: ${messageOf(error)}`);
  }
}

/** The record speaks of tokens that are long gone; of those the id alone is known. */
async function tokenId(client: FleetClient, typed: string): Promise<string> {
  if (isUuid(typed)) return typed;
  const tokens = await client.listAPITokens();
  const starts = ({ id, tokenPrefix }: (typeof tokens)[number]) => [id, tokenPrefix];
  return choose(tokens, typed, { what: "token", list: "token list", starts }).id;
}

async function peerId(client: FleetClient, typed: string) {
  if (isNodeId(typed)) return typed;
  const { peers } = await client.listPeers();
  return choose(peers, typed, { what: "peer", list: "peers list", starts: ({ id }) => [id] }).id;
}
