/** What a person at a terminal sees. The terminal is real: util-linux and macOS both bring `script`. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { PROGRAM, Running, run, start } from "./doubles.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cider-tty-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Starts the command line on a terminal of its own. */
function atTerminal(...words: readonly string[]): Running {
  const command = [...PROGRAM, ...words];
  const quoted = command.map((word) => `'${word}'`).join(" ");
  const script =
    process.platform === "darwin" ? ["script", "-q", "/dev/null", ...command] : ["script", "-qfec", quoted, "/dev/null"];
  return new Running(script, { TERM: "xterm", FORCE_COLOR: "0" });
}

it("up introduces the node and opens the first window by itself; once somebody paired it does not", async () => {
  const dataDir = join(folder, "node");
  const node = atTerminal("up", "--data-dir", dataDir, "--port", "0", "--name", "alpha");
  const [, nodeId] = await node.says(/node id +([0-9a-f-]{36})/);
  await node.says(/fingerprint +[0-9A-Z]{4}-/);
  const [, port = ""] = await node.says(/https:\/\/\S+:([0-9]+)/);
  const [, code = ""] = await node.says(/code {2}([0-9]{6})/);
  await node.says(/link {2}cider-fleet:\/\/pair\?/);
  const joined = await start(["join", `127.0.0.1:${port}`, code], { CIDER_CONFIG_DIR: join(folder, "store") }).end();
  expect(joined.out).toContain(`(${nodeId}) as admin`);
  await node.says(/paired as admin/);
  expect((await run("pair", "--close", "--data-dir", dataDir)).out).toBe("no pairing window was open\n");
  // Ctrl-C, as the terminal sends it.
  node.child.stdin?.write("\u0003");
  await node.says(/stopping/);
  await node.end();

  const again = atTerminal("up", "--data-dir", dataDir, "--port", "0");
  await again.says(/fingerprint/);
  expect((await run("status", "--json", "--data-dir", dataDir)).out).toContain('"pairing":"closed"');
  again.child.stdin?.write("\u0003");
  await again.end();
  expect(again.out).not.toContain("code  ");
});

it("pair counts down, and shows a new code on Enter when the digits are spent", async () => {
  const dataDir = join(folder, "node");
  const node = start(["up", "--data-dir", dataDir, "--port", "0"]);
  const [, port = ""] = await node.says(/"port":([0-9]+)/, "err");
  const window = atTerminal("pair", "--data-dir", dataDir);
  const [, code = ""] = await window.says(/code {2}([0-9]{6})/);
  await window.says(/[12]:[0-9]{2} left, Ctrl-C closes it/);
  window.child.stdin?.write("\n");
  await window.says(new RegExp(`code {2}(?!${code})[0-9]{6}`));
  window.child.stdin?.write("\u0003");
  await window.says(/the pairing window was closed/);
  expect(port).not.toBe("");
  await window.end();
  await node.end("SIGTERM");
});
