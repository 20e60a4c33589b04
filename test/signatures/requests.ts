/** A signer, a node and requests between them, for the tests of signed requests. */

import { SecretKey } from "../../src/crypto/secret-key.ts";
import { verifyingKey } from "../../src/crypto/signing.node.ts";
import { fromHex, toBase64 } from "../../src/foundation/bytes.ts";
import type { Clock } from "../../src/foundation/clock.ts";
import { isFleetError } from "../../src/foundation/errors.ts";
import type { NodeId } from "../../src/foundation/ids.ts";
import { nodeIdOf } from "../../src/identity/node-id.ts";
import type { ReplayMemory } from "../../src/signatures/replay.node.ts";
import { type Signable, signRequest } from "../../src/signatures/sign.ts";
import { SignatureVerifier, type SignedMessage } from "../../src/signatures/verify.node.ts";
import { signatureBase, splitTarget } from "../../src/wire/signature-fields.ts";

export const SIGNER = SecretKey.fromHex("01".repeat(32));
export const SIGNER_ID = nodeIdOf(SIGNER.publicKey);
export const STRANGER = SecretKey.fromHex("03".repeat(32));
export const NODE_ID = nodeIdOf(SecretKey.fromHex("02".repeat(32)).publicKey);
export const OTHER_NODE_ID = nodeIdOf(STRANGER.publicKey);

/** Unix seconds at which everything here happens, unless a test moves the clock. */
export const NOW = 1_795_300_000;
export const NO_BODY = new Uint8Array();

/** A clock the test sets, in Unix seconds. */
export class SetClock implements Clock {
  seconds: number;

  constructor(seconds: number = NOW) {
    this.seconds = seconds;
  }

  now(): number {
    return this.seconds * 1000;
  }

  elapsed(): number {
    return this.seconds * 1000;
  }
}

interface VerifierOptions {
  readonly clock?: Clock;
  /** Unix seconds; long ago by default. */
  readonly startedAt?: number;
  readonly memory?: ReplayMemory;
  readonly signers?: readonly SecretKey[];
  /** Waits for nothing by default: these clocks stand still. */
  readonly wait?: (time: number) => Promise<unknown>;
}

/** Returns a node's verifier that knows SIGNER, or the signers given. */
export function makeVerifier(options: VerifierOptions = {}): SignatureVerifier {
  const signers = options.signers ?? [SIGNER];
  const keys = new Map(signers.map((key) => [nodeIdOf(key.publicKey), verifyingKey(key.publicKey)]));
  return new SignatureVerifier({
    clock: options.clock ?? new SetClock(),
    nodeId: NODE_ID,
    keyOf: (id) => keys.get(id),
    startedAt: (options.startedAt ?? NOW - 3600) * 1000,
    wait: options.wait ?? (() => Promise.resolve()),
    ...(options.memory === undefined ? {} : { memory: options.memory }),
  });
}

let drawn = 0;

/** Returns a nonce no other call of this process returned. */
export function nextNonce(): string {
  drawn += 1;
  return `nonce-${drawn}`.padEnd(22, "_");
}

/** A request ready to be handed to a verifier. */
export interface Sent extends SignedMessage {
  readonly body: Uint8Array;
}

interface SendOptions extends Partial<Signable> {
  readonly signer?: SecretKey;
  readonly nodeId?: NodeId;
  readonly created?: number;
  readonly nonce?: string;
  readonly lifetime?: number;
}

/** Returns a request as our own client would send it. */
export async function send(options: SendOptions = {}): Promise<Sent> {
  const { signer = SIGNER, nodeId = NODE_ID, created = NOW, nonce = nextNonce(), lifetime = 60, ...rest } = options;
  const request: Signable = { method: "GET", authority: "192.168.1.100:9473", target: "/v1/node", ...rest };
  const fields = await signRequest(request, { signer, nodeId, created, nonce, lifetime });
  const rawHeaders = ["Host", request.authority, ...Object.entries(fields).flat()];
  if (request.contentType !== undefined) rawHeaders.push("Content-Type", request.contentType);
  return { method: request.method, target: request.target, rawHeaders, body: request.body ?? NO_BODY };
}

interface HandMade {
  readonly components?: readonly string[];
  /** Everything behind the list of components, with its first semicolon. */
  readonly parameters?: string;
  /** The whole Signature-Input field; components and parameters still make the base. */
  readonly input?: string;
  readonly label?: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly target?: string;
  readonly body?: Uint8Array;
  readonly signer?: SecretKey;
}

export const COVER: readonly string[] = ["@method", "@authority", "@path", "@query", "cider-node"];

/** Returns parameters of the profile with some replaced (undefined leaves one out); the order is that of the profile. */
export function parametersOf(changes: Readonly<Record<string, string | undefined>> = {}): string {
  const all: Record<string, string | undefined> = {
    created: String(NOW),
    expires: String(NOW + 60),
    nonce: `"${nextNonce()}"`,
    keyid: `"${SIGNER_ID}"`,
    alg: '"ecdsa-p256-sha256"',
    tag: '"cider-fleet-v1"',
    ...changes,
  };
  return Object.entries(all)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `;${name}=${value ?? ""}`)
    .join("");
}

/** Returns a request signed over whatever the test says, so that nothing but the profile can refuse it. */
export function handMade(made: HandMade = {}): Sent {
  const { components = COVER, parameters = parametersOf(), label = "sig1", method = "GET", target = "/v1/node" } = made;
  const fields: Record<string, string> = { host: "192.168.1.100:9473", "cider-node": NODE_ID, ...made.fields };
  const { path, query } = splitTarget(target);
  const values: Record<string, string | undefined> = {
    ...fields,
    "@method": method,
    "@authority": fields["host"],
    "@path": path,
    "@query": query,
  };
  const list = `(${components.map((name) => `"${name}"`).join(" ")})`;
  const base = signatureBase(components, (name) => values[name] ?? "", list + parameters);
  const signature = (made.signer ?? SIGNER).sign(Buffer.from(base, "latin1"));
  const rawHeaders = [
    ...Object.entries(fields).flat(),
    "Signature-Input",
    made.input ?? `${label}=${list}${parameters}`,
    "Signature",
    `${label}=:${toBase64(signature)}:`,
  ];
  return { method, target, rawHeaders, body: made.body ?? NO_BODY };
}

/** Returns `sent` with the value of one field changed, or the field left out when `change` returns undefined. */
export function withField(sent: Sent, name: string, change: (value: string) => string | undefined): Sent {
  const rawHeaders: string[] = [];
  for (let i = 0; i + 1 < sent.rawHeaders.length; i += 2) {
    const [field = "", value = ""] = sent.rawHeaders.slice(i, i + 2);
    const changed = field.toLowerCase() === name ? change(value) : value;
    if (changed !== undefined) rawHeaders.push(field, changed);
  }
  return { ...sent, rawHeaders };
}

/** Resolves to the signer's id, or to the code of the error that refused the request. */
export async function outcome(verifier: SignatureVerifier, sent: Sent): Promise<string> {
  try {
    const claim = verifier.claim(sent);
    return claim === undefined ? "nothing" : await verifier.confirm(claim, sent.body);
  } catch (error) {
    if (isFleetError(error)) return error.code;
    throw error;
  }
}

/** Returns the DER form of r‖s, as most libraries make it. */
export function toDer(signature: Uint8Array): Uint8Array {
  const integer = (bytes: Uint8Array): number[] => {
    const start = bytes.findIndex((byte) => byte !== 0);
    const digits = [...bytes.subarray(start)];
    const signed = (digits[0] ?? 0) >= 0x80 ? [0, ...digits] : digits;
    return [0x02, signed.length, ...signed];
  };
  const content = [...integer(signature.subarray(0, 32)), ...integer(signature.subarray(32))];
  return Uint8Array.from([0x30, content.length, ...content]);
}

const ORDER = BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

/** Returns the other signature over the same message: r and n−s. */
export function otherS(signature: Uint8Array): Uint8Array {
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).toString("hex")}`);
  return Uint8Array.from([...signature.subarray(0, 32), ...fromHex((ORDER - s).toString(16).padStart(64, "0"))]);
}
