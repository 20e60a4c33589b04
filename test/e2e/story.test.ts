/** The user's story against the built daemon, by a program that has nothing but the packed package; and after `kill -9`. */

import { expect, test } from "vitest";
import { isTokenText } from "../../src/wire/token.ts";
import { consumerOfTest } from "./support/consumer.ts";
import { daemonOfTest } from "./support/daemon.ts";
import { openWindow } from "./support/pairing.ts";

const HOST = "127.0.0.1";

test("pair, look, issue, use, refuse, revoke; then the same knowledge after kill -9", async () => {
  const daemon = await daemonOfTest();
  const { port, nodeId } = daemon;
  const consumer = consumerOfTest();
  const { code, command } = await openWindow(daemon);
  const seen = await consumer.run("story.mjs", { host: HOST, port, code });

  expect(seen).toMatchObject({
    creds: {
      nodeId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      privateKeyHex: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      publicKeyHex: expect.stringMatching(/^04[0-9a-f]{128}$/) as string,
      responderNodeId: nodeId,
    },
    info: { nodeId, cpuCores: expect.any(Number) as number },
    stats: { memoryTotalGB: expect.any(Number) as number, totalVMCount: 0 },
    token: { name: "ci-pipeline", permissions: "fullAccess", status: "active" },
    scriptInfo: { nodeId },
    minting: { name: "FleetError", code: "INSUFFICIENT_SCOPE" },
    socketInfo: { nodeId },
    revoked: { status: "revoked", connectionsClosed: 1 },
    closed: { code: "CREDENTIAL_ENDED", details: { closeCode: 4401 } },
    after: { code: "TOKEN_REVOKED" },
  });
  const { token, kept, creds, list } = seen as unknown as Story;
  expect(isTokenText(token.token)).toBe(true);
  expect(list).toMatchObject([{ name: "ci-pipeline", tokenPrefix: token.token.slice(0, 12), permissions: "fullAccess" }]);
  expect(JSON.stringify(list)).not.toContain(token.token);
  expect(await command.line("paired")).toMatchObject({ name: "my-ci-script", nodeId: creds.nodeId, kind: "sdk", role: "admin" });
  expect(await command.process.finish()).toMatchObject({ code: 0 });

  const tokens = { kept: kept.token, revoked: token.token };
  for (const how of ["kill", "stop"] as const) {
    await daemon[how]();
    await daemon.start();
    const again = await consumer.run("afterwards.mjs", { host: HOST, port, nodeId: creds.nodeId, tokens });
    expect(again, `after ${how}`).toMatchObject({
      info: { nodeId },
      list: [
        { name: "ci-pipeline", status: "revoked" },
        { name: "kept", status: "active" },
      ],
      answers: { kept: nodeId, revoked: "TOKEN_REVOKED" },
    });
  }
});

interface Story {
  readonly creds: { readonly nodeId: string };
  readonly token: { readonly token: string };
  readonly kept: { readonly token: string };
  readonly list: readonly unknown[];
}
