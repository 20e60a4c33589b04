/**
 * What a client keeps between runs beside its key: one record per node (docs/decisions/0005-what-clients-store.md).
 * Records are texts under names in a `Store`, so that files, a keychain or a test hold them alike.
 */

import { type PublicKey, publicKeyFromHex, publicKeyToHex } from "../crypto/p256.ts";
import { FleetError } from "../foundation/errors.ts";
import { isNodeId, type NodeId } from "../foundation/ids.ts";
import { ROLES, type Role } from "../foundation/vocabulary.ts";
import { nodeIdOf } from "../identity/node-id.ts";
import { type JsonObject, parseNodeId, parseObject, parseString, parseWord } from "../wire/parse.ts";

/**
 * Where a client keeps what it learns: texts that are nobody else's to read, and of which `key` is a secret. Names are
 * `key`, `nodes`, `nodes/<node id>` and `heads/<node id>`.
 */
export interface Store {
  /** Returns the text under `name`, or undefined when there is none. */
  get(name: string): string | undefined | Promise<string | undefined>;
  /** Keeps `text` before it returns. A `key` that is there already stays; a second writer reads it again. */
  set(name: string, text: string): void | Promise<void>;
  /** Returns the names of all `nodes/…`. A store that cannot tell leaves it out; an index is then kept under `nodes`. */
  list?(): readonly string[] | Promise<readonly string[]>;
}

/** This client as the node knows it. */
export interface Registration {
  readonly nodeId: NodeId;
  readonly role: Role;
}

/** What is known of a node. */
export interface NodeRecord {
  readonly nodeId: NodeId;
  readonly publicKey: PublicKey;
  /** As announced when it was paired; undefined for a node known by a token alone. */
  readonly name: string | undefined;
  /** The keys this client paired with it. */
  readonly registrations: readonly Registration[];
  /** Look-ups (docs/protocol/05-tokens.md) of the tokens it proved to know; not the tokens. */
  readonly tokens: readonly string[];
  /** `host:port` where it was met, latest first. */
  readonly addresses: readonly string[];
}

const VERSION = 1;
const INDEX = "nodes";
const PREFIX = "nodes/";
/** Tokens and addresses a record remembers; the oldest are forgotten, which costs one more proof or nothing. */
const MAX_TOKENS = 64;
const MAX_ADDRESSES = 8;

/** Reads and writes what is known of nodes. */
export class Records {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Resolves to the record of one node, or undefined. */
  async node(id: NodeId): Promise<NodeRecord | undefined> {
    const name = recordName(id);
    const text = await this.#store.get(name);
    return text === undefined ? undefined : reading(name, () => parseRecord(parseVersioned(text)));
  }

  /** Resolves to all nodes that know the key of `own`. */
  async pairedWith(own: NodeId): Promise<readonly NodeRecord[]> {
    const records = await Promise.all((await this.#nodes()).map((id) => this.node(id)));
    return records
      .filter((record) => record !== undefined)
      .filter((record) => record.registrations.some(({ nodeId }) => nodeId === own));
  }

  /** Adds what was learnt about a node to its record, newest first. */
  async learn(
    key: PublicKey,
    news: { name?: string; registration?: Registration; token?: string; address?: string },
  ): Promise<void> {
    const nodeId = nodeIdOf(key);
    const known = await this.node(nodeId);
    const record: NodeRecord = {
      nodeId,
      publicKey: key,
      name: news.name ?? known?.name,
      registrations: withNewest(news.registration, known?.registrations ?? [], (a, b) => a.nodeId === b.nodeId),
      tokens: withNewest(news.token, known?.tokens ?? []).slice(0, MAX_TOKENS),
      addresses: withNewest(news.address, known?.addresses ?? []).slice(0, MAX_ADDRESSES),
    };
    const text = writeRecord(record);
    if (known !== undefined && writeRecord(known) === text) return;
    await this.#store.set(recordName(nodeId), text);
    if (this.#store.list === undefined) await this.#index(nodeId);
  }

  async #index(nodeId: NodeId): Promise<void> {
    const known = await this.#nodes();
    if (!known.includes(nodeId)) await this.#store.set(INDEX, writeVersioned({ nodes: [...known, nodeId] }));
  }

  async #nodes(): Promise<readonly NodeId[]> {
    const names = await this.#store.list?.();
    if (names !== undefined) return names.map((name) => name.slice(PREFIX.length)).filter(isNodeId);
    const text = await this.#store.get(INDEX);
    return text === undefined ? [] : reading(INDEX, () => parseList(parseVersioned(text), "nodes").filter(isNodeId));
  }
}

function recordName(id: NodeId): string {
  return PREFIX + id;
}

function withNewest<T>(newest: T | undefined, known: readonly T[], same = (a: T, b: T): boolean => a === b): readonly T[] {
  return newest === undefined ? known : [newest, ...known.filter((entry) => !same(entry, newest))];
}

/** Returns the members as a text that `parseVersioned` reads. */
export function writeVersioned(members: JsonObject): string {
  return `${JSON.stringify({ version: VERSION, ...members }, null, 2)}\n`;
}

function writeRecord(record: NodeRecord): string {
  return writeVersioned({ ...record, publicKey: publicKeyToHex(record.publicKey) });
}

/** Returns the members of a stored text; throws FORMAT_NEWER for one of a later version, SyntaxError for no such text. */
export function parseVersioned(text: string): JsonObject {
  const object = parseObject(JSON.parse(text), "the file");
  const { version } = object;
  if (typeof version === "number" && version > VERSION) {
    throw new FleetError(
      "FORMAT_NEWER",
      "the client's store was written by a newer version of cider-fleet; use that version or newer",
    );
  }
  if (version !== VERSION) throw new SyntaxError("not of a known version");
  return object;
}

function parseRecord(object: JsonObject): NodeRecord {
  const publicKey = publicKeyFromHex(parseString(object, "publicKey"));
  const nodeId = parseNodeId(object, "nodeId");
  if (nodeIdOf(publicKey) !== nodeId) throw new SyntaxError("the key is not the node's");
  return {
    nodeId,
    publicKey,
    name: object["name"] === undefined ? undefined : parseString(object, "name"),
    registrations: parseList(object, "registrations").map((entry) => {
      const registration = parseObject(entry, "registrations");
      return { nodeId: parseNodeId(registration, "nodeId"), role: parseWord(registration, "role", ROLES) };
    }),
    tokens: parseList(object, "tokens").filter((entry) => typeof entry === "string"),
    addresses: parseList(object, "addresses").filter((entry) => typeof entry === "string"),
  };
}

function parseList(object: JsonObject, field: string): readonly unknown[] {
  const value = object[field];
  if (!Array.isArray(value)) throw new SyntaxError(`${field} is not a list`);
  return value;
}

/**
 * Returns what `parse` does. A damaged record stops the call with STORE_UNUSABLE and is never replaced silently. Its text
 * may be a secret and is not repeated.
 */
export function reading<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof FleetError && error.code === "FORMAT_NEWER") throw error;
    throw new FleetError("STORE_UNUSABLE", `"${name}" in the client's store is damaged; restore it, or remove it and pair again`);
  }
}
