/** A node's pairing desk, a client, and the wire between them, on which anything may be changed. */

import type { PublicKey } from "../../src/crypto/p256.ts";
import { SecretKey } from "../../src/crypto/secret-key.ts";
import { proverShare } from "../../src/crypto/spake2plus.ts";
import type { Random } from "../../src/foundation/random.ts";
import type { Source, Via } from "../../src/foundation/source.ts";
import { type Finished, PairingDesk } from "../../src/pairing/answering.ts";
import type { PairingExchange, PairingOptions } from "../../src/pairing/asking.ts";
import type { Decision, PairingChange, Registration } from "../../src/pairing/changes.ts";
import { verifierRecord } from "../../src/pairing/profile.ts";
import type { WindowOptions, WindowView } from "../../src/pairing/window.ts";
import {
  type BeginAnswer,
  type BeginRequest,
  encodeBeginAnswer,
  encodeFinishAnswer,
  parseBeginRequest,
  parseFinishRequest,
} from "../../src/wire/pairing.ts";
import { parseObject } from "../../src/wire/parse.ts";
import { ManualClock, SeededRandom } from "../foundation/doubles.ts";

export const NODE_NAME = "mini01";
export const NODE_KEY = SecretKey.fromHex("02".repeat(32));
export const CLIENT_KEY = SecretKey.fromHex("01".repeat(32));
export const STRANGER_KEY = SecretKey.fromHex("03".repeat(32));

/** A connection from this address; an IPv6 address counts by what stands before `::`. */
export function source(address: string, via: Via = "tls"): Source {
  return { via, address, network: address.split("::")[0] ?? address };
}

export const LAPTOP = source("192.168.1.7");

/** The code first drawn is 904817; everything after it differs at every draw. */
export class KnownCode implements Random {
  readonly #rest = new SeededRandom(9);
  #drawn = false;

  bytes(length: number): Uint8Array {
    if (length !== 6 || this.#drawn) return this.#rest.bytes(length);
    this.#drawn = true;
    return Uint8Array.of(9, 0, 4, 8, 1, 7);
  }
}

export class Play {
  readonly clock = new ManualClock();
  readonly desk: PairingDesk;
  /** Every line that any call left. */
  readonly changes: PairingChange[] = [];
  readonly registrations: Registration[] = [];

  constructor(random: Random = new KnownCode()) {
    this.desk = new PairingDesk({ clock: this.clock, random, key: NODE_KEY });
  }

  /** Returns the answer or throws the error, and keeps the lines either way. */
  settle<T>(decision: Decision<T>): T {
    this.changes.push(...decision.changes);
    if ("error" in decision) throw decision.error;
    return decision.answer;
  }

  open(options: Partial<WindowOptions> = {}): WindowView {
    return this.settle(
      this.desk.open({ role: "admin", ways: ["code", "link"], channels: [], seconds: 120, by: "local", ...options }),
    );
  }

  begin(message: BeginRequest, from: Source = LAPTOP): BeginAnswer {
    return this.settle(this.desk.begin(message, from, NODE_NAME));
  }

  finish(message: Parameters<PairingDesk["finish"]>[0], from: Source = LAPTOP): Finished {
    const finished = this.settle(this.desk.finish(message, from));
    if (finished.registration !== undefined) this.registrations.push(finished.registration);
    return finished;
  }

  /** The wire: JSON both ways, from this source. */
  exchange(from: Source = LAPTOP): PairingExchange {
    return {
      begin: async (message) => overWire(encodeBeginAnswer(this.begin(parseBeginRequest(overWire(message)), from))),
      finish: async (message) => overWire(encodeFinishAnswer(this.finish(parseFinishRequest(overWire(message)), from).answer)),
    };
  }

  /** How many lines of this type were left. */
  count(type: PairingChange["type"]): number {
    return this.changes.filter((change) => change.type === type).length;
  }
}

/** What a client passes to `pairAsClient` when all is well. */
export function client(play: Play, secret: string, options: Partial<PairingOptions> = {}): PairingOptions {
  return {
    secret,
    way: "code",
    name: "laptop",
    kind: "sdk",
    channel: "pinned",
    signer: CLIENT_KEY,
    random: new SeededRandom(3),
    exchange: play.exchange(),
    requireChain: () => undefined,
    ...options,
  };
}

/** A `begin` with a guess at the code. */
export function guess(secret: string, changed: Partial<BeginRequest> = {}): BeginRequest {
  const share = proverShare(verifierRecord(secret).w0, new Uint8Array(32).fill(0x33));
  const clientKey: PublicKey = CLIENT_KEY.publicKey;
  return { maxVersion: 1, clientKey, name: "laptop", kind: "sdk", way: "code", channel: "pinned", share, ...changed };
}

function overWire(message: object): Record<string, unknown> {
  return { ...parseObject(JSON.parse(JSON.stringify(message)), "the message") };
}
