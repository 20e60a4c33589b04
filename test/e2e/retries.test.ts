/** Calls that are sent again: by a client over a wire that breaks, to the built daemon. */

import { expect, test } from "vitest";
import { FleetClient } from "../../src/sdk-node/index.ts";
import { codeOf, memoryStore } from "./support/clients.ts";
import { type Daemon, daemonOfTest } from "./support/daemon.ts";
import { openWindow } from "./support/pairing.ts";
import { until } from "./support/waiting.ts";
import { type Wire, wireOfTest } from "./support/wire.ts";

/** Returns a client of the daemon's admin behind a wire. */
async function pairOver(wire: Wire, daemon: Daemon, retries?: number): Promise<FleetClient> {
  const { link } = await openWindow(daemon);
  const store = memoryStore();
  const { nodeId } = await FleetClient.pair("127.0.0.1", link, "admin", wire.port, { store });
  return new FleetClient({ host: "127.0.0.1", port: wire.port, nodeId, store, retries });
}

/** Calls, and cuts the wire when the node has issued the token and before the client hears of it. */
async function issueUnheard(client: FleetClient, wire: Wire, daemon: Daemon, name: string) {
  await client.getNodeInfo(); // connected
  wire.isDeaf = true;
  const issued = client.generateAPIToken(name);
  issued.catch(() => undefined);
  await until(async () => (await tokensCalled(daemon, name))[0], "the token");
  wire.isDeaf = false;
  wire.cut();
  return issued;
}

async function tokensCalled(daemon: Daemon, name: string) {
  return (await daemon.local().listAPITokens()).filter((token) => token.name === name);
}

test("a change whose answer is lost is carried out once, and its secret still arrives", async () => {
  const daemon = await daemonOfTest();
  const wire = await wireOfTest(daemon.port);
  const client = await pairOver(wire, daemon);
  const { id, token } = await issueUnheard(client, wire, daemon, "once");
  expect((await tokensCalled(daemon, "once")).map((entry) => entry.id)).toEqual([id]);
  expect(await new FleetClient({ host: "127.0.0.1", port: daemon.port, apiToken: token }).getSelf()).toMatchObject({
    actor: `token:${id}`,
  });
});

test("a client that is told not to tries nothing twice", async () => {
  const daemon = await daemonOfTest();
  const wire = await wireOfTest(daemon.port);
  const client = await pairOver(wire, daemon, 0);
  expect(await codeOf(issueUnheard(client, wire, daemon, "lost"))).toBe("CONNECTION_FAILED");
  expect(await tokensCalled(daemon, "lost")).toHaveLength(1);
});

test("a call outlasts a restart of the node", async () => {
  const daemon = await daemonOfTest();
  const wire = await wireOfTest(daemon.port);
  const client = await pairOver(wire, daemon, 10);
  const before = wire.connections;
  await daemon.kill();
  const call = client.renameNode({ name: "after" });
  call.catch(() => undefined);
  await until(() => (wire.connections > before + 1 ? true : undefined), "a second try");
  await daemon.start();
  expect((await call).name).toBe("after");
});
