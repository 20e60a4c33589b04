/** curl, as `status` says to call it: every line is run as it is printed, on two hosts of a wire and after an address changed. */

import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { parseObject } from "../../src/wire/parse.ts";
import { consumerOfTest } from "./support/consumer.ts";
import { cleanEnvironment, type Daemon, daemonOfTest } from "./support/daemon.ts";
import { twoHosts } from "./support/network.ts";
import { openWindow } from "./support/pairing.ts";
import { succeed } from "./support/processes.ts";
import { requirePrograms, requireRoot } from "./support/requirements.ts";
import { until } from "./support/waiting.ts";

/** Returns the lines below "Ready to paste:". */
async function linesOf(daemon: Daemon): Promise<readonly string[]> {
  const { stdout } = await daemon.cli("status");
  const [, lines = ""] = stdout.split("Ready to paste:\n");
  return lines
    .trimEnd()
    .split("\n")
    .map((line) => line.trim());
}

/** Returns a folder for `ca.pem`, and what runs lines in one shell there, as somebody pastes them: each printed answer apart. */
function desk(daemon: Daemon, before: readonly string[] = []) {
  const folder = mkdtempSync(join(tmpdir(), "cider-desk-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const PATH = `${join(inject("installed"), "node_modules/.bin")}:${process.env["PATH"] ?? ""}`;
  const env = { ...cleanEnvironment(daemon.home), PATH };
  const paste = async (...lines: readonly string[]): Promise<readonly string[]> => {
    const script = [
      "set -e",
      ...lines.map((line) => (line.startsWith("curl") ? `${line.replace("curl", "curl -sS")}; echo` : line)),
    ];
    const stdout = await succeed([...before, "bash", "-c", script.join("\n")], { cwd: folder, env });
    return stdout.split("\n").filter((line) => line !== "");
  };
  return { folder, paste };
}

test("all lines work on the machine itself, with a token of a line before", async (context) => {
  requirePrograms(context, "bash", "curl");
  const daemon = await daemonOfTest();
  const lines = await linesOf(daemon);
  expect(lines.filter((line) => line.startsWith("curl"))).toHaveLength(3);
  const answers = await desk(daemon).paste(...lines);
  expect(answers).toHaveLength(3);
  for (const answer of answers) expect(JSON.parse(answer)).toMatchObject({ nodeId: daemon.nodeId });
});

test("without plain HTTP the lines are https, and plain HTTP is refused", async (context) => {
  requirePrograms(context, "bash", "curl");
  const daemon = await daemonOfTest({ options: ["--listen", "127.0.0.1", "--plaintext", "never"] });
  const { paste } = desk(daemon);
  const lines = await linesOf(daemon);
  for (const answer of await paste(...lines)) expect(JSON.parse(answer)).toMatchObject({ nodeId: daemon.nodeId });
  const [refusal = ""] = await paste(`curl http://127.0.0.1:${daemon.port}/v1/node`);
  expect(JSON.parse(refusal)).toMatchObject({ code: "TLS_REQUIRED" });
});

describe("on a wire", () => {
  const CA_PATH = "/v1/node/ca.pem";

  test("https works from the other host with one ca.pem, also after the address changed under the node", async (context) => {
    requireRoot(context);
    requirePrograms(context, "bash", "curl", "ip", "openssl");
    const [node, other] = await twoHosts("10.93.1.1/24", "10.93.1.2/24");
    const daemon = await daemonOfTest({ options: [], port: 9473, before: node.before });
    expect(daemon.addresses).toEqual(["10.93.1.1"]);
    const [here, there] = [desk(daemon, node.before), desk(daemon, other.before)];
    const lines = await linesOf(daemon);
    expect(lines.at(-1)).toBe('curl --cacert ca.pem -H "Authorization: Bearer $TOKEN" https://10.93.1.1:9473/v1/node');
    for (const answer of await here.paste(...lines)) expect(JSON.parse(answer)).toMatchObject({ nodeId: daemon.nodeId });

    const token = (await here.paste(lines[0] ?? "", "echo $TOKEN"))[0] ?? "";
    copyFileSync(join(here.folder, "ca.pem"), join(there.folder, "ca.pem"));
    const ask = async (line: string) => parseObject(JSON.parse((await there.paste(`TOKEN=${token}`, line))[0] ?? ""), "answer");
    expect(await ask(lines.at(-1) ?? "")).toMatchObject({ nodeId: daemon.nodeId });
    const [refusal = ""] = await there.paste("curl http://10.93.1.1:9473/v1/node -o answer -w '%{http_code}'");
    expect(refusal).toBe("426");

    const before = await leafOf("10.93.1.1:9473", other.before);
    await node.add("10.93.2.1/24");
    await node.remove("10.93.1.1/24");
    await other.add("10.93.2.2/24");
    await until(async () => {
      const leaf = await leafOf("10.93.2.1:9473", other.before);
      return leaf === before ? undefined : leaf;
    }, "a new leaf");
    const moved = await linesOf(daemon);
    expect(moved.at(-1)).toContain("https://10.93.2.1:9473/");
    expect(await ask(moved.at(-1) ?? "")).toMatchObject({ nodeId: daemon.nodeId });
    const ca = (
      await there.paste(`curl --cacert ca.pem https://10.93.2.1:9473${CA_PATH} -o again.pem && cmp ca.pem again.pem && echo same`)
    ).at(-1);
    expect(ca).toBe("same");
    expect(readFileSync(join(daemon.folder, "ca.pem"), "utf8")).toBe(readFileSync(join(there.folder, "ca.pem"), "utf8"));
  });

  test("a stranger's ca.pem does not open the node", async (context) => {
    requireRoot(context);
    requirePrograms(context, "bash", "curl", "ip");
    const [node, other] = await twoHosts("10.93.3.1/24", "10.93.3.2/24");
    const daemon = await daemonOfTest({ options: [], port: 9473, before: node.before });
    const stranger = await daemonOfTest();
    const { folder, paste } = desk(daemon, other.before);
    copyFileSync(join(stranger.folder, "ca.pem"), join(folder, "ca.pem"));
    const [exit] = await paste("set +e", "curl --cacert ca.pem https://10.93.3.1:9473/api/health 2>/dev/null; echo $?");
    expect(exit).toBe("60");
  });

  test("the lines work where the first address is public, which the certificate may not name", async (context) => {
    requireRoot(context);
    requirePrograms(context, "bash", "curl", "ip");
    const [node] = await twoHosts("203.0.113.1/24", "203.0.113.2/24");
    const daemon = await daemonOfTest({ options: [], port: 9473, before: node.before });
    const { paste } = desk(daemon, node.before);
    const expectAll = async (address: string): Promise<void> => {
      const lines = await linesOf(daemon);
      expect(lines.at(-1)).toContain(`https://${address}:9473/`);
      for (const answer of await paste(...lines)) expect(JSON.parse(answer)).toMatchObject({ nodeId: daemon.nodeId });
    };
    await expectAll("127.0.0.1");
    await node.add("fd93:4::1/64");
    await until(() => (daemon.said.split("issued the TLS certificate").length > 2 ? true : undefined), "a new leaf");
    await expectAll("[fd93:4::1]");
  });

  test("the story works from the other host, on the port everybody knows", async (context) => {
    requireRoot(context);
    const [node, other] = await twoHosts("fd93::1/64", "fd93::2/64");
    const daemon = await daemonOfTest({ options: [], port: 9473, before: node.before });
    const { code, command } = await openWindow(daemon);
    const seen = await consumerOfTest(other.before).run("story.mjs", { host: "fd93::1", code });
    expect(seen).toMatchObject({
      creds: { responderNodeId: daemon.nodeId },
      minting: { code: "INSUFFICIENT_SCOPE" },
      revoked: { connectionsClosed: 1 },
      after: { code: "TOKEN_REVOKED" },
    });
    expect(await command.line("paired")).toMatchObject({ address: "fd93::2" });
  });
});

/** Returns the certificate that is presented there, or undefined when nobody answers. */
async function leafOf(place: string, before: readonly string[]): Promise<string | undefined> {
  const words = [
    ...before,
    "sh",
    "-c",
    `openssl s_client -connect ${place} </dev/null 2>/dev/null | openssl x509 2>/dev/null || true`,
  ];
  const pem = await succeed(words);
  return pem === "" ? undefined : pem;
}
