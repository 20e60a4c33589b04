/** What creates tokens in a data folder: a bare store, or a whole node. Bundled before it is measured, as it is shipped. */

import { requestIds } from "../src/api/request-ids.ts";
import { loadConfig } from "../src/config/load.ts";
import { SecretKey } from "../src/crypto/secret-key.ts";
import { openParts } from "../src/daemon/parts.ts";
import { systemClock } from "../src/foundation/clock.ts";
import { silentLogger } from "../src/foundation/logger.ts";
import { systemRandom } from "../src/foundation/random.ts";
import { LOCAL_SOURCE } from "../src/foundation/source.ts";
import { nodeIdOf } from "../src/identity/node-id.ts";
import { Ledger } from "../src/ledger/ledger.ts";
import { issueToken } from "../src/tokens/issue.ts";
import { TokenStore } from "../src/tokens/store.ts";

const ORDER = {
  name: "ci-pipeline",
  permissions: "readOnly",
  scopes: ["machines:read", "metrics:read"],
  owner: "fleet",
  createdBy: "local",
  expiresAt: "2027-02-19T20:00:00.000Z",
  allowedIps: [],
} as const;

/** Creates tokens in a data folder. */
export interface Maker {
  readonly ledger: Ledger;
  readonly tokens: TokenStore;
  /** Creates a token; resolves once it is on disk. */
  readonly create: () => Promise<unknown>;
  readonly close: () => Promise<void>;
}

/** Opens a ledger with a store of tokens and nothing else. */
export async function openStore(folder: string): Promise<Maker> {
  const tokens = new TokenStore();
  const ledger = await Ledger.open({
    folder,
    node: nodeIdOf(SecretKey.generate(systemRandom).publicKey),
    clock: systemClock,
    logger: silentLogger,
    folds: [tokens],
    publish: () => undefined,
    onFatal: (error) => {
      throw error;
    },
  });
  const create = async (): Promise<void> => {
    const { change } = issueToken(ORDER, systemClock, systemRandom);
    ledger.commit({ actor: "local", request: "", operation: "GenerateAPIToken", changes: [change] });
    await ledger.settled();
  };
  return { ledger, tokens, create, close: () => ledger.close() };
}

/** Opens a whole node without doors, whose operation is called as the local socket calls it. */
export async function openNode(folder: string): Promise<Maker> {
  const config = loadConfig({ flags: { "data-dir": folder }, env: { HOME: folder, CIDER_DISCOVERY: "off" } });
  const { operations, parts, storage } = await openParts({
    config,
    logger: silentLogger,
    clock: systemClock,
    random: systemRandom,
  });
  const requestId = requestIds(parts.clock, parts.random);
  const { signal } = new AbortController();
  const create = async (): Promise<void> => {
    await operations.perform({
      operation: "GenerateAPIToken",
      input: { name: "ci-pipeline", permissions: "readOnly" },
      credential: undefined,
      source: LOCAL_SOURCE,
      requestId: requestId(),
      signal,
    });
  };
  const close = async (): Promise<void> => {
    await storage.close();
    parts.metrics.stop();
  };
  return { ledger: parts.ledger, tokens: parts.tokens, create, close };
}
