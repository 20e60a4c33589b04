/** What remains of crypto.verify when a signature arrives as an HTTP request: parsing, policy, replay memory, answer. */

import { createPrivateKey, randomBytes, sign } from "node:crypto";
import { join } from "node:path";
import type { PublicKey } from "../src/crypto/p256.ts";
import type { SecretKey } from "../src/crypto/secret-key.ts";
import { toSpki } from "../src/crypto/spki.ts";
import { toBase64url, toHex } from "../src/foundation/bytes.ts";
import type { Signer } from "../src/identity/signer.ts";
import { signRequest } from "../src/signatures/sign.ts";
import type { Comparison } from "./harness.ts";
import { ask, requestBytes } from "./load.ts";
import { NodeUnderTest } from "./node.ts";
import { ServerUnderTest } from "./server.ts";

const CONNECTIONS = 16;

/** One key may hold an eighth of the replay memory, which a fast node fills. */
const KEYS = 8;

/** Requests signed ahead for each second of measuring; the measurement ends early on a machine that answers more. */
const AHEAD = 6000;

/** Seconds a signature is valid: its nonce is held for as long, and many rounds must find room beside each other. */
const LIFETIME = 10;

/** About the length of a signature base. */
const MESSAGE_LENGTH = 400;

const comparison: Comparison = {
  name: "http-signed",
  claim: "GET /v1/node with an RFC 9421 signature, against crypto.verify alone",
  target: { atLeast: 0.45 },
  unit: "signatures per server CPU second",
  prepare: async () => {
    const node = await NodeUnderTest.start();
    const { nodeId } = await node.local.getNodeInfo();
    const signers: Signer[] = [];
    while (signers.length < KEYS) signers.push(fastSigner(await node.pair()));
    const [signer] = signers;
    if (signer === undefined) throw new Error("no key was paired");

    const signedAt = async (created: number, by: Signer): Promise<Buffer> => {
      const message = { method: "GET", authority: node.authority, target: "/v1/node" };
      const nonce = randomBytes(16).toString("base64url");
      const fields = await signRequest(message, { signer: by, nodeId, created, nonce, lifetime: LIFETIME });
      return requestBytes("GET", "/v1/node", { host: node.authority, ...fields });
    };
    // A node that has just started takes nothing older than a moment yet to come; it says so, as to every client.
    const refusal = await ask(node.server.at, await signedAt(0, signer));
    const { earliest } = JSON.parse(refusal.body.toString()) as { earliest: number };
    const signed = (index: number): Promise<Buffer> =>
      signedAt(Math.max(Math.floor(Date.now() / 1000), earliest), signers[index % KEYS] ?? signer);
    const bare = await bareVerify(signer);
    return {
      subject: async ({ seconds }) => {
        const waiting = await Promise.all(Array.from({ length: AHEAD * seconds }, (_, index) => signed(index)));
        return node.server.rate({ connections: CONNECTIONS, seconds, next: () => waiting.pop() });
      },
      baseline: ({ seconds }) =>
        bare.perCpuSecond(async () => {
          const { verified } = (await bare.tell({ verifyFor: 1000 * seconds })) as { verified: number };
          return verified;
        }),
      close: async () => {
        await bare.stop();
        await node.stop();
      },
    };
  },
};

/** Starts a process that verifies one signature of this key over and over. */
async function bareVerify(signer: Signer): Promise<ServerUnderTest> {
  const message = randomBytes(MESSAGE_LENGTH);
  const program = join(import.meta.dirname, "bare-verify.mjs");
  const words = [toHex(toSpki(signer.publicKey)), toHex(message), toHex(await signer.sign(message))];
  return ServerUnderTest.start([program, ...words], (said) => (said.includes("ready") ? { host: "", port: 0 } : undefined));
}

/** Signs by node:crypto: thousands of requests are signed ahead of each measurement. */
function fastSigner(secret: SecretKey): Signer {
  const { publicKey } = secret;
  const key = createPrivateKey({ key: jwkOf(secret, publicKey), format: "jwk" });
  return { publicKey, sign: (message) => sign("sha256", message, { key, dsaEncoding: "ieee-p1363" }) };
}

function jwkOf(secret: SecretKey, publicKey: PublicKey): { kty: string; crv: string; d: string; x: string; y: string } {
  const [x, y] = [publicKey.subarray(1, 33), publicKey.subarray(33)];
  return { kty: "EC", crv: "P-256", d: toBase64url(secret.reveal()), x: toBase64url(x), y: toBase64url(y) };
}

export default [comparison];
