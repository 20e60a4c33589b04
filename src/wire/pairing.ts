/**
 * The four messages of pairing (docs/protocol/03-pairing.md): two round trips, client first. The types hold bytes;
 * `parse…` reads them from a stranger's JSON, `encode…` makes the JSON that travels. Lengths are exact, unknown members
 * are ignored.
 *
 * Parsers look at form alone. Whether 65 bytes are a point on the curve is asked later, when a window is open.
 */

import { toBase64url } from "../foundation/bytes.ts";
import { FleetError, isFleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import { CHANNELS, type Channel, PEER_KINDS, type PeerKind, ROLES, type Role, WAYS, type Way } from "../foundation/vocabulary.ts";
import { parseName } from "./names.ts";
import { invalid, type JsonObject, parseBytes, parseInteger, parseNodeId, parseObject, parseString, parseWord } from "./parse.ts";

/** The version both sides speak today; the transcript holds one byte for each side's highest. */
export const PAIRING_VERSION = 1;
const HIGHEST_VERSION = 255;

/** Bytes of an uncompressed point, an exchange id, a confirmation MAC and a signature r‖s. */
const POINT = 65;
const SID = 16;
const MAC = 32;
const SIGNATURE = 64;

/** First message, from the client. */
export interface BeginRequest {
  readonly maxVersion: number;
  readonly clientKey: Uint8Array;
  readonly name: string;
  readonly kind: PeerKind;
  readonly way: Way;
  readonly channel: Channel;
  /** The most the client wants; absent: whatever the window grants. */
  readonly role?: Role;
  readonly share: Uint8Array;
}

/** The node's answer to it. */
export interface BeginAnswer {
  readonly maxVersion: number;
  readonly sid: Uint8Array;
  readonly nodeKey: Uint8Array;
  readonly nodeName: string;
  /** What is granted and bound. */
  readonly role: Role;
  readonly share: Uint8Array;
  readonly confirm: Uint8Array;
  /** Guesses the digits have left; null for links. */
  readonly attemptsLeft: number | null;
  readonly secondsLeft: number;
}

/** Second message, from the client. */
export interface FinishRequest {
  readonly sid: Uint8Array;
  readonly confirm: Uint8Array;
  readonly proof: Uint8Array;
}

/** The node's answer to it. */
export interface FinishAnswer {
  readonly nodeId: NodeId;
  readonly role: Role;
  readonly responderNodeId: NodeId;
  readonly responderName: string;
  readonly proof: Uint8Array;
}

/** Returns the request; throws PAIRING_VERSION before anything else is looked at, else INVALID_REQUEST naming the field. */
export function parseBeginRequest(value: unknown): BeginRequest {
  const object = parseObject(value, "the body");
  const maxVersion = parseVersions(object);
  return {
    maxVersion,
    clientKey: parsePoint(object, "clientKey"),
    name: parseName(object["name"], "name"),
    kind: parseWord(object, "kind", PEER_KINDS),
    way: parseWord(object, "way", WAYS),
    channel: parseWord(object, "channel", CHANNELS),
    ...(object["role"] === undefined ? {} : { role: parseWord(object, "role", ROLES) }),
    share: parsePoint(object, "share"),
  };
}

/** Returns the request; throws INVALID_REQUEST naming the field. */
export function parseFinishRequest(value: unknown): FinishRequest {
  const object = parseObject(value, "the body");
  return {
    sid: parseBytes(object, "sid", SID),
    confirm: parseBytes(object, "confirm", MAC),
    proof: parseBytes(object, "proof", SIGNATURE),
  };
}

/** Returns the answer; throws PAIRING_VERSION, else INVALID_ANSWER naming the field. */
export function parseBeginAnswer(value: unknown): BeginAnswer {
  return asAnswer(() => {
    const object = parseObject(value, "the answer");
    const maxVersion = parseVersions(object);
    return {
      maxVersion,
      sid: parseBytes(object, "sid", SID),
      nodeKey: parsePoint(object, "nodeKey"),
      nodeName: parseName(object["nodeName"], "nodeName"),
      role: parseWord(object, "role", ROLES),
      share: parsePoint(object, "share"),
      confirm: parseBytes(object, "confirm", MAC),
      attemptsLeft: object["attemptsLeft"] === null ? null : parseInteger(object, "attemptsLeft", 0, Number.MAX_SAFE_INTEGER),
      secondsLeft: parseInteger(object, "secondsLeft", 0, Number.MAX_SAFE_INTEGER),
    };
  });
}

/** Returns the answer; throws INVALID_ANSWER naming the field. */
export function parseFinishAnswer(value: unknown): FinishAnswer {
  return asAnswer(() => {
    const object = parseObject(value, "the answer");
    return {
      nodeId: parseNodeId(object, "nodeId"),
      role: parseWord(object, "role", ROLES),
      responderNodeId: parseNodeId(object, "responderNodeId"),
      responderName: parseName(parseString(object, "responderName"), "responderName"),
      proof: parseBytes(object, "proof", SIGNATURE),
    };
  });
}

/** What travels: bytes as base64url without padding. */
export type PairingMessage = Readonly<Record<string, string | number | null>>;

/** Returns the request as it travels. */
export function encodeBeginRequest(message: BeginRequest): PairingMessage {
  return {
    version: PAIRING_VERSION,
    maxVersion: message.maxVersion,
    clientKey: toBase64url(message.clientKey),
    name: message.name,
    kind: message.kind,
    way: message.way,
    channel: message.channel,
    ...(message.role === undefined ? {} : { role: message.role }),
    share: toBase64url(message.share),
  };
}

/** Returns the answer as it travels. */
export function encodeBeginAnswer(message: BeginAnswer) {
  return {
    version: PAIRING_VERSION,
    maxVersion: message.maxVersion,
    sid: toBase64url(message.sid),
    nodeKey: toBase64url(message.nodeKey),
    nodeName: message.nodeName,
    role: message.role,
    share: toBase64url(message.share),
    confirm: toBase64url(message.confirm),
    attemptsLeft: message.attemptsLeft,
    secondsLeft: message.secondsLeft,
  };
}

/** Returns the request as it travels. */
export function encodeFinishRequest(message: FinishRequest): PairingMessage {
  return { sid: toBase64url(message.sid), confirm: toBase64url(message.confirm), proof: toBase64url(message.proof) };
}

/** Returns the answer as it travels. */
export function encodeFinishAnswer(message: FinishAnswer) {
  return {
    nodeId: message.nodeId,
    role: message.role,
    responderNodeId: message.responderNodeId,
    responderName: message.responderName,
    proof: toBase64url(message.proof),
  };
}

/** Another version may have other members, so this is asked first. */
function parseVersions(object: JsonObject): number {
  const version = parseInteger(object, "version", 1, HIGHEST_VERSION);
  if (version !== PAIRING_VERSION) {
    throw new FleetError("PAIRING_VERSION", `pairing version ${version} is not spoken here, only ${PAIRING_VERSION}`, {
      version: PAIRING_VERSION,
    });
  }
  return parseInteger(object, "maxVersion", version, HIGHEST_VERSION);
}

function parsePoint(object: JsonObject, field: string): Uint8Array {
  const bytes = parseBytes(object, field, POINT);
  if (bytes[0] !== 0x04) throw invalid(field, "an uncompressed P-256 point");
  return bytes;
}

/** The same parsers, but it was the node that erred. */
function asAnswer<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (isFleetError(error, "INVALID_REQUEST")) throw new FleetError("INVALID_ANSWER", error.message, error.details);
    throw error;
  }
}
