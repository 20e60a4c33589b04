/** The known answers that concern a client, computed by the client's own code in the page that loads this. */

import { type PublicKey, parsePublicKey, publicKeyFromHex } from "../../../src/crypto/p256.ts";
import { SecretKey } from "../../../src/crypto/secret-key.ts";
import { sha256 } from "../../../src/crypto/sha256.ts";
import { encodeTranscript, proverPoints, proverShare, sharedKeys } from "../../../src/crypto/spake2plus.ts";
import { toSpki } from "../../../src/crypto/spki.ts";
import { storageHash, tokenLookup, tokenProof } from "../../../src/crypto/token-secret.ts";
import { verifyAsync } from "../../../src/crypto/web-crypto.ts";
import { concat, fromBase64, fromBase64url, fromHex, toBase64url, toHex, utf8 } from "../../../src/foundation/bytes.ts";
import type { NodeId } from "../../../src/foundation/ids.ts";
import { fingerprintOf, nodeIdOf } from "../../../src/identity/node-id.ts";
import { pairAsClient } from "../../../src/pairing/asking.ts";
import { proverScalars } from "../../../src/pairing/profile.ts";
import { signRequest } from "../../../src/signatures/sign.ts";
import { signSocket, socketMessage } from "../../../src/signatures/socket.ts";
import { headMessage } from "../../../src/wire/audit-head.ts";
import { parseBeginRequest } from "../../../src/wire/pairing.ts";
import { isTokenText } from "../../../src/wire/token.ts";
import auditHead from "../../vectors/audit-head.json" with { type: "json" };
import ledger from "../../vectors/ledger.json" with { type: "json" };
import nodeIds from "../../vectors/node-id.json" with { type: "json" };
import profile from "../../vectors/pairing-profile.json" with { type: "json" };
import spake2plus from "../../vectors/rfc9383-spake2plus.json" with { type: "json" };
import rfc9421 from "../../vectors/rfc9421-signatures.json" with { type: "json" };
import signedRequests from "../../vectors/signed-requests.json" with { type: "json" };
import tokenFormat from "../../vectors/token-format.json" with { type: "json" };
import tokenProve from "../../vectors/token-prove.json" with { type: "json" };
import webSocketAuth from "../../vectors/websocket-auth.json" with { type: "json" };
import wycheproof from "../../vectors/wycheproof-ecdsa_secp256r1_sha256_p1363_test.json" with { type: "json" };

/** The suite of pairing; the RFC has known answers for others too. */
const SUITE = "SPAKE2+-P256-SHA256-HKDF-SHA256-HMAC-SHA256";

/** Notes one comparison. */
type Compare = (what: string, got: unknown, known: unknown) => void;

const CHECKS: Readonly<Record<string, (compare: Compare) => void | Promise<void>>> = {
  "audit-head.json": async (compare) => {
    const { nodeKey, seq, hash, signature } = auditHead.head;
    const key = parsePublicKey(fromBase64url(nodeKey));
    const message = headMessage(key, seq, hash);
    compare("message", toHex(message), auditHead.message);
    compare("signature", await verifyAsync(key, message, fromBase64url(signature)), true);
    compare("another seq", await verifyAsync(key, headMessage(key, seq + 1, hash), fromBase64url(signature)), false);
  },

  // A page is shown no files of a node, but exported lines can be held against their chain there too (docs/audit.md).
  "ledger.json": (compare) => {
    const [header = "", ...lines] = ledger.lines;
    let last = (JSON.parse(header) as { prev: string }).prev;
    for (const line of lines) {
      const { hash } = JSON.parse(line) as { hash: string };
      const beginning = `{"hash":"${hash}",`;
      compare("beginning", line.slice(0, beginning.length), beginning);
      compare("hash", toHex(sha256(utf8(last + line.slice(beginning.length)))), hash);
      last = hash;
    }
    compare("head", last, ledger.head.hash);
  },

  "node-id.json": (compare) => {
    for (const { publicKey, spki, nodeId, fingerprint } of nodeIds.vectors) {
      const key = publicKeyFromHex(publicKey);
      compare("spki", toHex(toSpki(key)), spki);
      compare("id", nodeIdOf(key), nodeId);
      compare("fingerprint", fingerprintOf(key), fingerprint);
    }
  },

  "pairing-profile.json": async (compare) => {
    for (const vector of profile.vectors) {
      const { w0, w1 } = await proverScalars(vector.secret);
      compare("w0, w1", [toHex(w0), toHex(w1)], [vector.w0, vector.w1]);
      const { name, kind, way, channel } = parseBeginRequest(vector.beginRequest);
      const sent: unknown[] = [];
      const answering = (answer: object) => async (message: unknown) => {
        sent.push(message);
        return answer;
      };
      const begun = { ...vector.beginAnswer, attemptsLeft: null, secondsLeft: 120 };
      const paired = await pairAsClient({
        ...{ secret: vector.secret, name, kind, way, channel, signer: SecretKey.fromHex(vector.clientPrivateKey) },
        random: { bytes: () => fromHex(vector.x) },
        exchange: { begin: answering(begun), finish: answering(vector.finishAnswer) },
        requireChain: () => undefined,
      });
      compare("what is sent", sent, [vector.beginRequest, vector.finishRequest]);
      compare("ids", [paired.nodeId, paired.responderNodeId], [vector.idProver, vector.idVerifier]);
      compare("role", paired.role, vector.role);
    }
  },

  "rfc9383-spake2plus.json": (compare) => {
    for (const vector of spake2plus.vectors.filter(({ context }) => context.startsWith(SUITE))) {
      const { context, idProver, idVerifier } = vector;
      const [w0, w1, x, shareP, shareV] = [vector.w0, vector.w1, vector.x, vector.shareP, vector.shareV].map(fromHex);
      if (!w0 || !w1 || !x || !shareP || !shareV) throw new Error("a member is missing");
      compare("share", toHex(proverShare(w0, x)), vector.shareP);
      const points = proverPoints(w0, w1, x, shareV);
      compare("Z, V", [toHex(points.Z), toHex(points.V)], [vector.Z, vector.V]);
      const transcript = { context: utf8(context), idProver, idVerifier, shareP, shareV, ...points, w0 };
      compare("TT", toHex(encodeTranscript(transcript)), vector.TT);
      const { confirmP, confirmV, shared } = sharedKeys(transcript);
      compare("confirmP", toHex(confirmP), vector["HMAC(K_confirmP, shareV)"]);
      compare("confirmV", toHex(confirmV), vector["HMAC(K_confirmV, shareP)"]);
      compare("K_shared", toHex(shared), vector.K_shared);
    }
  },

  "rfc9421-signatures.json": async (compare) => {
    const { x, y } = rfc9421.keys["test-key-ecc-p256.jwk"];
    const key = parsePublicKey(concat(Uint8Array.of(4), fromBase64url(x), fromBase64url(y)));
    // The profile knows one algorithm; examples of the others are nothing that a client makes or checks.
    for (const { signatureBase, signatureBase64 } of rfc9421.vectors.filter(({ alg }) => alg === "ecdsa-p256-sha256")) {
      compare("signature", await verifyAsync(key, utf8(signatureBase), fromBase64(signatureBase64)), true);
      compare("another base", await verifyAsync(key, utf8(`${signatureBase} `), fromBase64(signatureBase64)), false);
    }
  },

  "signed-requests.json": async (compare) => {
    const signer = SecretKey.fromHex(signedRequests.signerPrivateKey);
    compare("signer", nodeIdOf(signer.publicKey), signedRequests.signerNodeId);
    for (const vector of signedRequests.vectors) {
      const known = { ...vector.headers, "signature-input": vector.signatureInput, signature: vector.signature };
      const { "content-type": contentType, ...made } = known as Readonly<Record<string, string>>;
      const request = {
        method: vector.method,
        authority: vector.authority,
        target: vector.url,
        ...(vector.body === null ? {} : { body: utf8(vector.body) }),
        ...(contentType === undefined ? {} : { contentType }),
      };
      const [, created = "", nonce = ""] = /created=(\d+).*nonce="([^"]+)"/.exec(vector.signatureInput) ?? [];
      const nodeId = signedRequests.targetNodeId as NodeId;
      compare("fields", sorted(await signRequest(request, { signer, nodeId, created: Number(created), nonce })), sorted(made));
      for (const field of [vector.signature, vector.highS])
        compare("signature", await verifyAsync(signer.publicKey, utf8(vector.base), bytesOf(field)), true);
    }
  },

  "token-format.json": (compare) => {
    for (const { token, storageHash: hash } of tokenFormat.valid) {
      compare(token, isTokenText(token), true);
      compare("hash", toHex(storageHash(token)), hash);
    }
    for (const token of tokenFormat.invalid) compare(token, isTokenText(token), false);
  },

  "token-prove.json": (compare) => {
    for (const { token, request, answer, nodeKey } of tokenProve.vectors) {
      const hash = storageHash(token);
      compare("lookup", toBase64url(tokenLookup(hash)), request.lookup);
      const proof = tokenProof(hash, fromBase64url(request.nonce), publicKeyFromHex(nodeKey));
      compare("proof", toBase64url(proof), answer.proof);
    }
  },

  "websocket-auth.json": async (compare) => {
    for (const vector of webSocketAuth.vectors) {
      const signer = SecretKey.fromHex(vector.signerPrivateKey);
      const [nonce, node] = [fromBase64url(vector.nonce), vector.nodeId as NodeId];
      compare("message", toHex(socketMessage(nonce, node, nodeIdOf(signer.publicKey))), vector.message);
      compare("params", await signSocket(nonce, node, signer), { nodeId: vector.signerNodeId, signature: vector.signature });
    }
  },

  "wycheproof-ecdsa_secp256r1_sha256_p1363_test.json": async (compare) => {
    for (const { publicKey, tests } of wycheproof.testGroups) {
      const key: PublicKey = publicKeyFromHex(publicKey.uncompressed);
      for (const { tcId, msg, sig, result } of tests)
        compare(String(tcId), await verifyAsync(key, fromHex(msg), fromHex(sig)), result === "valid");
    }
  },
};

/** The bytes of `sig1=:…:`. */
function bytesOf(field: string): Uint8Array {
  return fromBase64(field.slice(field.indexOf(":") + 1, -1));
}

function sorted(fields: Readonly<Record<string, string>>): readonly (readonly string[])[] {
  return Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Resolves to how many answers of a file were compared, and to what differed; rejects for a file nobody here knows. */
async function checkVectors(file: string): Promise<{ readonly compared: number; readonly differences: readonly string[] }> {
  const check = CHECKS[file];
  if (check === undefined) throw new Error(`no check for ${file}`);
  const differences: string[] = [];
  let compared = 0;
  await check((what, got, known) => {
    compared += 1;
    const [a, b] = [got, known].map((value) => JSON.stringify(value));
    if (a !== b) differences.push(`${what}: ${String(a)} instead of ${String(b)}`);
  });
  return { compared, differences };
}

Object.assign(globalThis, { checkVectors });
