/** docs/tokens.md: its commands are run as they stand, in one shell, and its tables hold. */

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isOperationName, operationOf } from "../../src/catalogue/operations.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { configSchema } from "../../src/config/schema.ts";
import { publicKeyToHex } from "../../src/crypto/p256.ts";
import { runChild } from "../../src/host/child.ts";
import { PROGRAM } from "../cli/doubles.ts";
import { startTestNode, type TestNode } from "../support/node.ts";
import { newKey } from "../support/peers.ts";
import { documentText, rowsUnder } from "./tables.ts";

const TEXT = documentText("tokens.md");

/** The commands of all shell blocks, line by line. */
const LINES = [...TEXT.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)].flatMap(([, block = ""]) =>
  block
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== ""),
);

/** Milliseconds for all commands, each of which starts a program from its sources. */
const ALL = 120_000;

let node: TestNode;
let folder: string;
/** What each line wrote to stdout, by the line. */
const answers = new Map<string, string>();

beforeAll(async () => {
  node = await startTestNode();
  folder = mkdtempSync(join(tmpdir(), "cider-docs-"));
  const program = join(folder, "cider");
  // `cider fleet …` as it is installed; the sources are run without the first word.
  writeFileSync(program, `#!/bin/sh\nshift\nexec ${PROGRAM.join(" ")} "$@"\n`);
  chmodSync(program, 0o755);
  const { code, stderr, stdout } = await runChild("sh", ["-eu"], { input: script(), timeout: ALL });
  expect(stderr, stderr).not.toContain("cider: error");
  expect(code, stderr).toBe(0);
  for (const part of stdout.split("\u001e").slice(1)) {
    const [index = "", answer = ""] = part.split("\u001f");
    answers.set(LINES[Number(index)] ?? "", answer);
  }
}, ALL);

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await node.end();
});

/** All lines as one script, each marked in the output. */
function script(): string {
  const environment = {
    PATH: `${folder}:${process.env["PATH"] ?? ""}`,
    CIDER_DATA_DIR: node.dataDir,
    NO_COLOR: "1",
    KEY: publicKeyToHex(newKey().publicKey),
  };
  const exports = Object.entries(environment).map(([name, value]) => `export ${name}='${value}'`);
  const lines = LINES.flatMap((line, index) => [`printf '\\036${index}\\037'`, line.replace(":9473/", `:${node.port}/`)]);
  return [...exports, ...lines, ""].join("\n");
}

/** Returns what the one line that begins so answered. */
function answerTo(start: string): string {
  const found = LINES.filter((line) => line.startsWith(start));
  expect(found, start).toHaveLength(1);
  return answers.get(found[0] ?? "") ?? "";
}

describe("the commands", () => {
  it("all ran", () => {
    expect(LINES.length).toBeGreaterThan(25);
    expect([...answers.keys()]).toEqual(LINES);
  });

  it("answer what the page says of them", () => {
    expect(answerTo("cider fleet token scopes")).toContain("nothing uses it yet");
    expect(answerTo('curl -s -H "Authorization: Bearer $TOKEN" http://127.0.0.1:9473/v1/node')).toContain(node.nodeId);
    expect(answerTo('echo "$TOKEN" | cider fleet token inspect')).toContain("a well-formed token");
    expect(answerTo('echo "$TOKEN" | cider fleet token self')).toMatch(/ends +in 89 days/);
    expect(answerTo("cider fleet peers role laptop")).toContain("is viewer now");
    const old = answerTo('curl -si -H "Authorization: Bearer $TOKEN"');
    expect(old).toMatch(/^Cider-Token-Rotated: /im);
    expect(old).toMatch(/^Cider-Token-Expires: /im);
    expect(answerTo('curl -s -H "Authorization: Bearer $NEW" http://127.0.0.1:9473/v1/node')).toContain("TOKEN_REVOKED");
    expect(answerTo("cider fleet audit list")).toContain("BurnAPIToken");
    expect(answerTo("cider fleet token revoke --name")).toContain("revoked 1 token;");
    expect(answerTo("cider fleet token revoke --owner laptop")).toContain("revoked 1 token;");
    expect(answerTo("cider fleet token revoke --created-by local")).toContain("revoked 1 token;");
    expect(answerTo("cider fleet token revoke --all")).toContain("revoked 1 token;");
  });
});

describe("the tables", () => {
  it("name commands and operations that exist, with their routes", () => {
    const rows = rowsUnder(TEXT, "command");
    expect(rows.length).toBeGreaterThan(10);
    for (const row of rows) {
      const operation = row["RPC and WebSocket"] ?? "";
      if (!isOperationName(operation)) throw new Error(`there is no ${operation}`);
      const { rest } = operationOf(operation);
      expect(`${rest?.method ?? ""} ${rest?.path ?? ""}`).toBe(row["REST"]);
      for (const command of (row["command"] ?? "").replaceAll("`", "").split(", "))
        expect(COMMANDS.map(({ name }) => name)).toContain(command.split(" --")[0]);
    }
  });

  it("show the settings with their defaults", () => {
    const shown = Object.entries(configSchema.parse({}).tokens).filter(([name]) => name !== "bearerLife");
    for (const [name, value] of shown) expect(TEXT).toContain(`\n${name} = ${JSON.stringify(value)}`);
  });
});
