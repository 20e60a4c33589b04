/** The README's program, by the installed package, against the built daemon. Python's twin is run by clients/python/tests. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject, onTestFinished, test } from "vitest";
import { cleanEnvironment, type Daemon, daemonOfTest } from "./support/daemon.ts";
import { twoHosts } from "./support/network.ts";
import { openWindow } from "./support/pairing.ts";
import { run } from "./support/processes.ts";
import { requirePrograms, requireRoot } from "./support/requirements.ts";

const README = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");
const [, SNIPPET = ""] = /^```ts\n(.*?)^```/ms.exec(README) ?? [];

/** Says what the snippet's reader is promised: what lists show, and what becomes of a revoked token's script. */
const AFTERWARDS = `
const after = await script.getNodeStats().catch((error) => error.code);
console.log(JSON.stringify({ creds: Object.keys(creds).sort(), info, tokens, after }));
`;

/** Runs the program and resolves to what it said; it must end by itself. */
async function tell(daemon: Daemon, text: string, before: readonly string[] = []): Promise<unknown> {
  const { code } = await openWindow(daemon);
  const home = mkdtempSync(join(tmpdir(), "cider-snippet-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const path = join(inject("installed"), "snippet.mjs");
  writeFileSync(path, text.replace('"123456"', `"${code}"`) + AFTERWARDS);
  const { code: exit, stderr, stdout } = await run([...before, process.execPath, path], { env: cleanEnvironment(home) });
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  return JSON.parse(stdout);
}

function promised(nodeId: string): object {
  return {
    creds: ["nodeId", "privateKeyHex", "publicKeyHex", "responderName", "responderNodeId", "role"],
    info: { nodeId },
    tokens: [{ name: "ci-pipeline", tokenPrefix: expect.stringMatching(/^csk_\w{8}$/) as string, permissions: "fullAccess" }],
    after: "TOKEN_REVOKED",
  };
}

test("the README's program runs as it stands from another host", async (context) => {
  requireRoot(context);
  requirePrograms(context, "ip");
  const [node, other] = await twoHosts("192.168.1.100/24", "192.168.1.50/24");
  const daemon = await daemonOfTest({ options: ["--listen", "192.168.1.100"], port: 9473, before: node.before });
  expect(await tell(daemon, SNIPPET, other.before)).toMatchObject(promised(daemon.nodeId));
});

test("the README's program runs on this host over TLS, at another address and port", async () => {
  const daemon = await daemonOfTest({ options: ["--listen", "127.0.0.1", "--plaintext", "never"] });
  const text = SNIPPET.replaceAll('host: "192.168.1.100"', `host: "127.0.0.1", port: ${daemon.port}`)
    .replace('"192.168.1.100"', '"127.0.0.1"')
    .replace(", 9473)", `, ${daemon.port})`);
  expect(text).not.toContain("192.168");
  const said = await tell(daemon, text);
  expect(said).toMatchObject(promised(daemon.nodeId));
  expect(JSON.stringify(said)).not.toMatch(/csk_\w{9}/);
});
