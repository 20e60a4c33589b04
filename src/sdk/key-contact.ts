/** Contact by a paired key: the caller's id finds the nodes it was paired with, and only their keys are accepted. */

import { constantTimeEqual } from "../foundation/bytes.ts";
import type { Clock } from "../foundation/clock.ts";
import { FleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import type { Random } from "../foundation/random.ts";
import { nodeIdOf } from "../identity/node-id.ts";
import type { Signer } from "../identity/signer.ts";
import { type Contact, type FindContact, otherNode, requireIdentity } from "./contact.ts";
import { signatureCredential } from "./credential.ts";
import type { Keys } from "./keys.ts";
import type { NodeRecord, Records } from "./records.ts";
import type { Transport } from "./transport.ts";

/** Which key, and where its nodes are known from. */
export interface KeyContactOptions {
  /** The caller's own id, as `pair` returned it. */
  readonly nodeId: NodeId;
  /** Undefined: `keys` has it. */
  readonly signer: Signer | undefined;
  readonly keys: Keys;
  /** The node meant; undefined: any that the store knows this key to be paired with. */
  readonly responderNodeId: NodeId | undefined;
  readonly records: Records;
  readonly clock: Clock;
  readonly random: Random;
}

/** Throws INVALID_OPTIONS unless the signer's key is the one `nodeId` was made from. */
export function requireOwnKey(signer: Signer, nodeId: NodeId): void {
  if (nodeIdOf(signer.publicKey) === nodeId) return;
  throw new FleetError(
    "INVALID_OPTIONS",
    "privateKey or signer belongs to another nodeId; pass the nodeId that pairing returned beside it",
  );
}

/** Returns the search for the node that a paired key calls. */
export function findByKey(options: KeyContactOptions): FindContact {
  return async (transport, signal) => {
    const signer = options.signer ?? (await storedSigner(options));
    const node = await settleNode(transport, options, signal);
    return { node, credential: signatureCredential(signer, options.clock, options.random) } satisfies Contact;
  };
}

async function storedSigner({ nodeId, keys, records }: KeyContactOptions): Promise<Signer> {
  const signer = await keys.signer();
  if (signer !== undefined && nodeIdOf(signer.publicKey) === nodeId) return signer;
  const hint =
    (await records.node(nodeId)) === undefined
      ? ""
      : "; this is the id of the node itself, pass the nodeId that pairing returned";
  throw new FleetError(
    "NO_KEY_FOR_NODE_ID",
    `no private key is stored for ${nodeId}: pass privateKey, pass a store that has it, or pair${hint}`,
  );
}

async function settleNode(transport: Transport, options: KeyContactOptions, signal: AbortSignal): Promise<NodeId> {
  const { nodeId, responderNodeId, records } = options;
  const known = await records.pairedWith(nodeId);
  const wanted = responderNodeId === undefined ? known.map((record) => record.nodeId) : [responderNodeId];
  const [only, ...others] = wanted;
  if (only === undefined) {
    throw new FleetError(
      "INVALID_OPTIONS",
      "no node is stored as paired with this key: pass responderNodeId, pass a store that has it, or pair",
    );
  }
  if (transport.channel !== "pinned") {
    if (others.length === 0) return only;
    throw new FleetError("INVALID_OPTIONS", "this key is paired with several nodes: pass responderNodeId to say which is meant");
  }
  const key = await requireIdentity(transport, signal);
  const met = nodeIdOf(key);
  const record = known.find((entry) => entry.nodeId === met);
  if (!wanted.includes(met) || !isKeyOf(record, key)) throw otherNode(transport, key, describe(wanted, known));
  if (record !== undefined) await records.learn(key, { address: transport.authority }).catch(() => undefined);
  return met;
}

/** The whole key is compared where it is known: an id holds only 122 bits of its hash. */
function isKeyOf(record: NodeRecord | undefined, key: Uint8Array): boolean {
  return record === undefined || constantTimeEqual(record.publicKey, key);
}

function describe(wanted: readonly NodeId[], known: readonly NodeRecord[]): string {
  const names = wanted.map((id) => {
    const name = known.find((record) => record.nodeId === id)?.name;
    return name === undefined ? id : `${id} ("${name}")`;
  });
  return names.length > 3 ? `one of the ${names.length} nodes this key is paired with` : names.join(" or ");
}
