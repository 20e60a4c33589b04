/** docs/tokens.md: its commands are run as they stand, in one shell, with the installed programs. */

import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { publicKeyToHex } from "../../src/crypto/p256.ts";
import { documentText } from "../docs/tables.ts";
import { newKey } from "../support/peers.ts";
import { cleanEnvironment, Daemon } from "./support/daemon.ts";
import { succeed } from "./support/processes.ts";

/** The commands of all shell blocks, line by line. */
const LINES = [...documentText("tokens.md").matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)].flatMap(([, block = ""]) =>
  block
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== ""),
);

const daemon = new Daemon();
/** What each line wrote to stdout, by the line. */
const answers = new Map<string, string>();

beforeAll(async () => {
  await daemon.start();
  const stdout = await succeed(["sh", "-euc", script()], {
    env: {
      ...cleanEnvironment(daemon.home),
      PATH: `${join(inject("installed"), "node_modules/.bin")}:${process.env["PATH"] ?? ""}`,
      CIDER_DATA_DIR: daemon.folder,
      KEY: publicKeyToHex(newKey().publicKey),
    },
  });
  for (const part of stdout.split("\u001e").slice(1)) {
    const [index = "", answer = ""] = part.split("\u001f");
    answers.set(LINES[Number(index)] ?? "", answer);
  }
});

afterAll(() => daemon.end());

/** All lines as one script, each marked in the output. */
function script(): string {
  return LINES.flatMap((line, index) => [`printf '\\036${index}\\037'`, line.replace(":9473/", `:${daemon.port}/`)]).join("\n");
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
    expect(answerTo('curl -s -H "Authorization: Bearer $TOKEN" http://127.0.0.1:9473/v1/node')).toContain(daemon.nodeId);
    expect(answerTo('echo "$TOKEN" | cider fleet token inspect')).toContain("a well-formed token");
    expect(answerTo('echo "$TOKEN" | cider fleet token self')).toMatch(/ends +in 90 days/);
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
