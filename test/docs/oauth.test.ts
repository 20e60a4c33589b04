/** Every command of docs/oauth.md, run as written against a node. */

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { asLocal, textIn } from "../support/http.ts";
import { nodeOfTest } from "../support/node.ts";
import { documentText } from "./tables.ts";

const run = promisify(execFile);
const TEXT = documentText("oauth.md");

/** Returns the code blocks of a language, in order. */
function blocks(language: string): readonly string[] {
  return [...TEXT.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(([, code = ""]) => code);
}

/** A stand-in for `jq -r .access_token` where there is none. */
const JQ = `command -v jq >/dev/null || jq() { node -e 'console.log(JSON.parse(require("fs").readFileSync(0, "utf8")).access_token)'; }\n`;

async function prepared() {
  const node = await nodeOfTest();
  const issued = await asLocal(node, "GenerateAPIToken", { name: "ci" });
  const folder = mkdtempSync(join(tmpdir(), "cider-oauth-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "ca.pem"), node.ca);
  const env = {
    PATH: process.env["PATH"] ?? "",
    NODE: `https://127.0.0.1:${node.port}`,
    TOKEN: textIn(issued, "token"),
    TOKEN_ID: textIn(issued, "id"),
  };
  return { folder, env };
}

it("docs/oauth.md: the shell's lines do what they say", async () => {
  const { env, folder } = await prepared();
  const script = `set -eo pipefail\n${JQ}${blocks("sh").join("\necho\n")}`;
  const { stdout } = await run("bash", ["-c", script], { cwd: folder, env });
  expect(stdout).toMatch(/"nodeId":.*"token_type":"bearer".*"active":true.*"scope":"machines:read".*\{\}\{"active":false\}/s);
});

it("docs/oauth.md: the program gets a bearer", async () => {
  const { env, folder } = await prepared();
  symlinkSync(resolve(import.meta.dirname, "../../node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "program.mjs"), blocks("js").join("\n"));
  const { stdout } = await run(process.execPath, ["program.mjs"], {
    cwd: folder,
    env: { ...env, NODE_EXTRA_CA_CERTS: "ca.pem" },
  });
  expect(stdout).toBe("cst_ 600\n");
});
