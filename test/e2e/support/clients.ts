/** Clients of tests: keys and nodes kept in memory, and pairing over plain HTTP from any loopback address. */

import { request } from "node:http";
import { SecretKey } from "../../../src/crypto/secret-key.ts";
import { systemRandom } from "../../../src/foundation/random.ts";
import { type PairingOptions, pairAsClient } from "../../../src/pairing/asking.ts";
import { readAnswer } from "../../../src/sdk/answer.ts";
import type { Store } from "../../../src/sdk/records.ts";
import { readAnswer as readResponse } from "../../../src/sdk-node/http-exchange.ts";
import { FleetError } from "../../../src/sdk-node/index.ts";

/** Returns a store that nobody else reads. */
export function memoryStore(): Store {
  const texts = new Map<string, string>();
  return {
    get: (name) => texts.get(name),
    set: (name, text) => {
      if (name !== "key" || !texts.has(name)) texts.set(name, text);
    },
    list: () => [...texts.keys()].filter((name) => name.startsWith("nodes/")),
  };
}

/** Returns a new key. */
export function newKey(): SecretKey {
  return SecretKey.generate(systemRandom);
}

/** Pairs over plain HTTP at a port of this machine, as coming from `from`. */
export function pairPlainly(port: number, secret: string, options: Partial<PairingOptions> = {}, from = "127.0.0.1") {
  const post = (path: string) => (message: object) => postPlainly(port, path, message, from);
  return pairAsClient({
    secret,
    way: "code",
    name: "test client",
    kind: "sdk",
    channel: "loopback",
    signer: newKey(),
    random: systemRandom,
    exchange: { begin: post("/v1/pairing/begin"), finish: post("/v1/pairing/finish") },
    ...options,
  });
}

/** Sends one JSON message; rejects with the node's coded error. */
async function postPlainly(port: number, path: string, message: object, from: string): Promise<unknown> {
  const body = JSON.stringify(message);
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  const options = { host: "127.0.0.1", port, path, method: "POST", headers, localAddress: from, agent: false } as const;
  return new Promise((resolve, reject) => {
    const sent = request(options, (response) => {
      void readResponse(response).then(readAnswer).then(resolve, reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Resolves to the code of the FleetError with which `call` rejects; rejects when it does anything else. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof FleetError) return error.code;
    throw error;
  }
  throw new Error("nothing was refused");
}
