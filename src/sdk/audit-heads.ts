/**
 * What a client remembers of a node's record: the last signed head it saw. The chain of a record proves nothing against
 * whoever can write the node's folder; a head kept elsewhere does. If the record now ends before that head, its end was cut
 * off. If it has another line in its place, it was rewritten. The node's own signature on the head proves either.
 */

import { verify } from "../crypto/ecdsa.ts";
import { parsePublicKey } from "../crypto/p256.ts";
import { fromBase64url } from "../foundation/bytes.ts";
import { FleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import { nodeIdOf } from "../identity/node-id.ts";
import { headMessage } from "../wire/audit-head.ts";
import { type JsonObject, parseInteger, parseNodeId, parseObject, parseString } from "../wire/parse.ts";
import type { Store } from "./records.ts";
import type { AuditHead } from "./shapes.ts";

const VERSION = 1;
const PREFIX = "heads/";

/** Returns the head if the node it names signed it; throws INVALID_ANSWER otherwise. */
export function requireSignedHead(value: unknown): AuditHead {
  try {
    const head = parseHead(parseObject(value, "head"));
    const key = parsePublicKey(fromBase64url(head.nodeKey));
    const signature = fromBase64url(head.signature);
    if (nodeIdOf(key) === head.nodeId && verify(key, headMessage(key, head.seq, head.hash), signature)) return head;
  } catch {
    // said below, whatever it was
  }
  throw new FleetError("INVALID_ANSWER", "this head of a record is not signed by the node it names");
}

/** Returns what two heads of one node prove by themselves: `cut`, `rewritten`, or nothing against it. */
export function contradictionOf(seen: AuditHead, now: AuditHead): "cut" | "rewritten" | undefined {
  if (now.seq < seen.seq) return "cut";
  return now.seq === seen.seq && now.hash !== seen.hash ? "rewritten" : undefined;
}

/** The heads in a client's store, one for each node. */
export class RememberedHeads {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Resolves to the last head kept of the node; undefined when none was. Throws STORE_UNUSABLE. */
  async of(node: NodeId): Promise<AuditHead | undefined> {
    const text = await this.#store.get(PREFIX + node);
    if (text === undefined) return undefined;
    try {
      const stored = parseObject(JSON.parse(text), "the file");
      if (stored["version"] === VERSION) return requireSignedHead(stored);
    } catch {
      // said below
    }
    throw new FleetError(
      "STORE_UNUSABLE",
      `"${PREFIX}${node}" in the client's store is damaged or newer; restore it, or remove it`,
    );
  }

  /** Keeps the head in place of the one before. */
  async keep(head: AuditHead): Promise<void> {
    await this.#store.set(PREFIX + head.nodeId, `${JSON.stringify({ version: VERSION, ...head }, null, 2)}\n`);
  }
}

function parseHead(object: JsonObject): AuditHead {
  const hash = parseString(object, "hash");
  if (!/^[0-9a-f]{64}$/.test(hash)) throw new SyntaxError("not a hash");
  return {
    nodeId: parseNodeId(object, "nodeId"),
    nodeKey: parseString(object, "nodeKey"),
    seq: parseInteger(object, "seq", 0, Number.MAX_SAFE_INTEGER),
    hash,
    at: parseString(object, "at"),
    signature: parseString(object, "signature"),
  };
}
