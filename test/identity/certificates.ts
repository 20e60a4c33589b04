/** A data folder with a node's certificates, for tests of TLS. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { SecretKey } from "../../src/crypto/secret-key.ts";
import { type Clock, systemClock } from "../../src/foundation/clock.ts";
import type { NodeId } from "../../src/foundation/ids.ts";
import { type Logger, silentLogger } from "../../src/foundation/logger.ts";
import { systemRandom } from "../../src/foundation/random.ts";
import type { CertificateNames } from "../../src/identity/certificate-names.ts";
import { openIdentity } from "../../src/identity/key-file.node.ts";
import { nodeIdOf } from "../../src/identity/node-id.ts";
import { NodeCertificates } from "../../src/identity/tls.node.ts";

/** Returns a new folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "cider-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface TestNode {
  readonly folder: string;
  readonly key: SecretKey;
  readonly nodeId: NodeId;
  readonly certificates: NodeCertificates;
  /** What the node answers to; change it, then renew. */
  current: CertificateNames;
}

interface TestNodeOptions {
  readonly folder?: string;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly names?: readonly string[];
  readonly addresses?: readonly string[];
  readonly configured?: readonly string[];
}

/** Returns a node with its certificates in `folder`. */
export async function testNode(options: TestNodeOptions = {}): Promise<TestNode> {
  const { folder = temporaryFolder(), clock = systemClock, logger = silentLogger } = options;
  const { names = [], addresses = [], configured = [] } = options;
  const { key } = openIdentity(folder, systemRandom);
  const nodeId = nodeIdOf(key.publicKey);
  const state = { current: { names, addresses, configured } };
  const parts = { folder, key, nodeId, clock, random: systemRandom, logger, names: () => state.current };
  const certificates = await NodeCertificates.open(parts);
  return Object.assign(state, { folder, key, nodeId, certificates });
}
