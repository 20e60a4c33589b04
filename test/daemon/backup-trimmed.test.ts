/** A backup of a node whose record has lost its beginning to retention, also while the backup is being made. */

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { type Archive, parseArchive, type SignedHead } from "../../src/daemon/archive.ts";
import { writeBackup } from "../../src/daemon/backup.ts";
import { restoreBackup } from "../../src/daemon/restore.ts";
import { toBase64url } from "../../src/foundation/bytes.ts";
import { systemClock, timestamp } from "../../src/foundation/clock.ts";
import { silentLogger } from "../../src/foundation/logger.ts";
import { systemRandom } from "../../src/foundation/random.ts";
import { openIdentity } from "../../src/identity/key-file.node.ts";
import { nodeIdOf } from "../../src/identity/node-id.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { NodeState } from "../../src/operations/node-state.ts";
import { Repeats } from "../../src/operations/repeats.ts";
import { PeerStore } from "../../src/peers/store.ts";
import { FirstUses } from "../../src/record/first-uses.ts";
import { TokenStore } from "../../src/tokens/store.ts";
import { headMessage } from "../../src/wire/audit-head.ts";
import { listWith, textLike } from "../support/anything.ts";
import { startTestNode } from "../support/node.ts";

const nothing = (): undefined => undefined;
const SMALLEST = { maxAge: null, maxBytes: 1 };

/** Opens the record of a folder that a node has left, with segments of about four lines. */
async function openLedger(folder: string): Promise<{ readonly ledger: Ledger; readonly head: () => SignedHead }> {
  const { key } = openIdentity(folder, systemRandom);
  const nodeId = nodeIdOf(key.publicKey);
  const ledger = await Ledger.open({
    folder,
    node: nodeId,
    clock: systemClock,
    logger: silentLogger,
    folds: [new NodeState(), new PeerStore(), new TokenStore(), new FirstUses(), new Repeats(systemClock)],
    publish: nothing,
    onFatal: nothing,
    segmentBytes: 1000,
  });
  const head = (): SignedHead => {
    const { hash, seq } = ledger.head;
    const signature = toBase64url(key.sign(headMessage(key.publicKey, seq, hash)));
    return { nodeId, nodeKey: toBase64url(key.publicKey), seq, hash, at: timestamp(systemClock.now()), signature };
  };
  return { ledger, head };
}

async function rename(ledger: Ledger, times: number): Promise<void> {
  for (let count = 1; count <= times; count++) {
    const changes = [{ type: "node.renamed", name: `name ${count}` }];
    ledger.commit({ actor: "local", request: "", operation: "RenameNode", changes });
    await ledger.settled();
  }
}

it("holds the checkpoints, is made again when retention comes in between, and restores", async () => {
  const place = mkdtempSync(join(tmpdir(), "cider-trimmed-"));
  onTestFinished(() => rmSync(place, { recursive: true }));
  const dataDir = join(place, "node");
  await (await startTestNode({ folder: dataDir })).end();
  const { head, ledger } = await openLedger(dataDir);
  await rename(ledger, 20);

  let asked = 0;
  const file = join(place, "node.backup");
  const archive: Archive = await writeBackup({
    dataDir,
    file,
    clock: systemClock,
    head: async () => {
      const now = head();
      if (++asked === 1) expect(await ledger.trim(SMALLEST)).toBeGreaterThan(0);
      return now;
    },
  });
  await ledger.close();
  expect(asked).toBe(2);
  const names = archive.files.map(({ name }) => name);
  expect(names).toEqual(listWith("state.json", "state.previous.json"));
  expect(names).not.toContain("ledger/000001.log");

  const config = loadConfig({ flags: { "data-dir": join(place, "restored") }, env: { HOME: place } });
  const text = readFileSync(file, "utf8");
  expect(parseArchive(text)).toEqual(archive);
  const restoring = { text, keepTokens: false, clock: systemClock, random: systemRandom, logger: silentLogger };
  expect(await restoreBackup({ ...restoring, config })).toMatchObject({ name: "name 20", tokensRevoked: 0 });
  const again = await startTestNode({ folder: config.dataDir });
  expect(again.name).toBe("name 20");
  await again.end();
});

it("refuses a record that is larger than a document can be", async () => {
  const place = mkdtempSync(join(tmpdir(), "cider-trimmed-"));
  onTestFinished(() => rmSync(place, { recursive: true }));
  const dataDir = join(place, "node");
  await (await startTestNode({ folder: dataDir })).end();
  const { head, ledger } = await openLedger(dataDir);
  const options = { dataDir, clock: systemClock, head: () => Promise.resolve(head()) };
  const size = readFileSync(join(dataDir, "ledger/000001.log")).length;
  const making = writeBackup({ ...options, file: join(place, "a"), limit: size - 1 });
  await expect(making).rejects.toMatchObject({ code: "BACKUP_FAILED", message: textLike(/stop the node and copy/) });
  expect(existsSync(join(place, "a"))).toBe(false);
  await writeBackup({ ...options, file: join(place, "b"), limit: size });
  expect(existsSync(join(place, "b"))).toBe(true);
  await ledger.close();
});

it("leaves no file when the record never becomes whole", async () => {
  const place = mkdtempSync(join(tmpdir(), "cider-trimmed-"));
  onTestFinished(() => rmSync(place, { recursive: true }));
  const dataDir = join(place, "node");
  await (await startTestNode({ folder: dataDir })).end();
  const { head, ledger } = await openLedger(dataDir);
  const before = head();
  rmSync(join(dataDir, "ledger/000001.log"));
  const file = join(place, "node.backup");
  const making = writeBackup({ dataDir, file, clock: systemClock, head: () => Promise.resolve(before) });
  await expect(making).rejects.toMatchObject({ code: "BACKUP_UNUSABLE" });
  await ledger.close();
  expect(existsSync(file)).toBe(false);
});
