/**
 * Pairing windows and the two messages of an exchange. The desk decides and keeps what is momentary; what it says
 * happened is committed here, refusals included.
 */

import type { OperationOutput } from "../catalogue/operations.ts";
import { type PublicKey, publicKeyFromHex, publicKeyToHex } from "../crypto/p256.ts";
import { FleetError } from "../foundation/errors.ts";
import type { Decision, Registration } from "../pairing/changes.ts";
import type { WindowView } from "../pairing/window.ts";
import type { PeerRegistered } from "../peers/changes.ts";
import { formatPairingLink } from "../wire/links.ts";
import { encodeBeginAnswer, encodeFinishAnswer } from "../wire/pairing.ts";
import { invalid } from "../wire/parse.ts";
import type { ChangeCall, Handlers } from "./call.ts";
import { refuseHigherRole } from "./grants.ts";
import type { Parts } from "./parts.ts";

type PairingOperation = "GetPairing" | "OpenPairing" | "RenewPairingCode" | "ClosePairing" | "BeginPairing" | "FinishPairing";

/** Returns the handlers of windows and exchanges. */
export function pairingHandlers(parts: Parts): Pick<Handlers, PairingOperation> {
  const { node, nodeId, pairing, peers } = parts;

  const view = ({ linkSecret, ...window }: WindowView): OperationOutput<"GetPairing"> => {
    const { addresses, port } = parts.place();
    const link = linkSecret === undefined ? undefined : formatPairingLink({ hosts: addresses, port, nodeId, secret: linkSecret });
    const { addresses: spentBy, channels, ways, ...rest } = window;
    return { ...rest, ways: [...ways], channels: [...channels], addresses: [...spentBy], ...(link !== undefined && { link }) };
  };

  /** Throws CONFLICT for a key whose id is another key's. The desk already remembers a success, which a repeat must not be told. */
  const refuseCollision = ({ key, nodeId: id }: Registration): void => {
    try {
      peers.refuseOtherKey(id, key);
    } catch (error) {
      pairing.forgetOutcomes();
      throw error;
    }
  };

  return {
    GetPairing: (_, call) => {
      const window = pairing.view();
      if (window === undefined) throw new FleetError("PAIRING_CLOSED", "no pairing window is open");
      refuseHigherRole(call.actor, window.role);
      return view(window);
    },

    OpenPairing: ({ forKey, ...options }, call) => {
      refuseHigherRole(call.actor, options.role);
      const only = forKey === undefined ? {} : { forKey: parseKey(forKey) };
      return view(settle(call, pairing.open({ ...options, ...only, by: call.actor.label })));
    },

    RenewPairingCode: (_, call) => {
      const role = pairing.view()?.role;
      if (role !== undefined) refuseHigherRole(call.actor, role);
      return view(settle(call, pairing.newDigits(call.actor.label)));
    },

    ClosePairing: (_, call) => {
      const closed = pairing.view() !== undefined;
      if (closed) settle(call, pairing.close());
      return { closed };
    },

    BeginPairing: (message, call) => encodeBeginAnswer(settle(call, pairing.begin(message, call.actor.source, node.nodeName))),

    FinishPairing: (message, call) => {
      const decision = pairing.finish(message, call.actor.source);
      const registration = "answer" in decision ? decision.answer.registration : undefined;
      if (registration !== undefined) refuseCollision(registration);
      const { answer } = settle(call, decision, registration && [registered(registration)]);
      return encodeFinishAnswer(answer);
    },
  };
}

/** Commits what a decision says happened, then answers or refuses. */
function settle<T>(call: ChangeCall, decision: Decision<T>, also: readonly PeerRegistered[] = []): T {
  const changes = [...also, ...decision.changes];
  if (changes.length > 0) call.commit(changes);
  if ("error" in decision) throw decision.error;
  return decision.answer;
}

function parseKey(hex: string): PublicKey {
  try {
    return publicKeyFromHex(hex);
  } catch {
    throw invalid("forKey", "a point on P-256, 130 lower-case hex characters beginning with 04");
  }
}

function registered({ key, nodeId, address, ...peer }: Registration): PeerRegistered {
  return { type: "peer.registered", id: nodeId, key: publicKeyToHex(key), from: address, ...peer };
}
