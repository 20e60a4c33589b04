/** Power cuts and rivals: `kill -9` at random under load, and two daemons that want one folder. */

import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { type FleetClient, isFleetError } from "../../src/sdk-node/index.ts";
import { cleanEnvironment, type Daemon, daemonOfTest, program } from "./support/daemon.ts";
import { Process } from "./support/processes.ts";

/** More by `CRASH_ROUNDS=400`. */
const ROUNDS = Number(process.env["CRASH_ROUNDS"] ?? "40");

/** Callers at once, and the longest life of a daemon after its first answer, ms. */
const CALLERS = 8;
const LONGEST_LIFE = 60;

/** What the daemon acknowledged. */
interface Acknowledged {
  readonly issued: string[];
  readonly revoked: string[];
}

/** Issues tokens, and revokes every third, until the daemon is gone. */
async function callUntilGone(client: FleetClient, { issued, revoked }: Acknowledged): Promise<void> {
  for (;;) {
    try {
      const { id } = await client.generateAPIToken("crash", "readOnly");
      issued.push(id);
      if (issued.length % 3 !== 0) continue;
      await client.revokeAPIToken(id);
      revoked.push(id);
    } catch (error) {
      if (isFleetError(error, "CONNECTION_FAILED") || isFleetError(error, "NOT_RUNNING")) return;
      throw error;
    }
  }
}

async function liveAndDie(daemon: Daemon, acknowledged: Acknowledged): Promise<void> {
  const client = daemon.local();
  const before = acknowledged.issued.length;
  const calls = Promise.all(Array.from({ length: CALLERS }, () => callUntilGone(client, acknowledged)));
  while (acknowledged.issued.length === before) await pause(1);
  await pause(randomInt(LONGEST_LIFE));
  await daemon.kill();
  await calls;
  client.close();
}

/** Returns what was acknowledged and is not so any more. */
async function lost(daemon: Daemon, { issued, revoked }: Acknowledged): Promise<readonly string[]> {
  const client = daemon.local();
  const tokens = new Map((await client.listAPITokens()).map(({ id, status }) => [id, status]));
  client.close();
  return [...issued.filter((id) => !tokens.has(id)), ...revoked.filter((id) => tokens.get(id) !== "revoked")];
}

test(`${ROUNDS} times kill -9 under ${CALLERS} callers lose nothing acknowledged, and every start succeeds`, {
  timeout: 5000 * ROUNDS,
}, async () => {
  const daemon = await daemonOfTest();
  const acknowledged: Acknowledged = { issued: [], revoked: [] };
  for (let round = 0; round < ROUNDS; round++) {
    await liveAndDie(daemon, acknowledged);
    await daemon.start();
    expect(await lost(daemon, acknowledged), `round ${round}`).toEqual([]);
  }
  await daemon.stop();
  await daemon.start();
  expect(await lost(daemon, acknowledged)).toEqual([]);
  expect(acknowledged.revoked.length).toBeGreaterThan(ROUNDS / 4);
});

test(`of two daemons that race for one folder ${ROUNDS} times, one owns it`, { timeout: 5000 * ROUNDS }, async () => {
  const home = mkdtempSync(join(tmpdir(), "cider-race-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const nodes = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    // Every fourth folder is new: then they also race for making the key.
    const folder = join(home, `data-${Math.floor(round / 4)}`);
    const words = program("up", "--data-dir", folder, "--port", "0", "--listen", "127.0.0.1");
    const rivals = [0, 1].map(() => new Process(words, { env: cleanEnvironment(home) }));
    const outcomes = await Promise.all(rivals.map((rival) => outcomeOf(rival)));
    expect(outcomes.map(({ said }) => said).sort(), `round ${round}`).toEqual(["lost", "started"]);
    for (const { nodeId } of outcomes) if (nodeId !== undefined) nodes.add(`${folder} ${nodeId}`);
    for (const rival of rivals) if (!rival.hasEnded) await rival.end("SIGKILL");
  }
  expect(nodes.size).toBe(Math.ceil(ROUNDS / 4));
});

/** Resolves when the daemon runs or has given up; a loser that says anything else is an outcome of its own. */
async function outcomeOf(rival: Process): Promise<{ readonly said: string; readonly nodeId?: string }> {
  const started = rival.line("stderr", (line) => /"nodeId":"([^"]+)".*"msg":"node started"/.exec(line)?.[1], "its start");
  const nodeId = await started.catch(() => undefined);
  if (nodeId !== undefined) return { said: "started", nodeId };
  const { code, stderr } = await rival.finish();
  return { said: code === 75 && stderr.includes(" owns ") ? "lost" : `${String(code)}: ${stderr}` };
}
