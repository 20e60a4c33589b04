import { execFileSync } from "node:child_process";
import type { AddressInfo } from "node:net";
import { connect, createServer, type SecureContextOptions, type TLSSocket } from "node:tls";
import { describe, expect, it, onTestFinished } from "vitest";
import { SecretKey } from "../../src/crypto/secret-key.ts";
import { DAY, MINUTE } from "../../src/foundation/durations.ts";
import { systemRandom } from "../../src/foundation/random.ts";
import { constraintsFor } from "../../src/identity/certificate-names.ts";
import { issueAuthority, issueLeaf } from "../../src/identity/issue-certificate.node.ts";
import { nodeIdOf } from "../../src/identity/node-id.ts";
import { nodeKeyOfChain, requireNode } from "../../src/identity/pin.node.ts";
import { fromPkcs8Pem, toPkcs8Pem } from "../../src/identity/pkcs8.node.ts";
import { temporaryFolder, testNode } from "./certificates.ts";

/** Returns the client's end of a finished handshake with a server that presents this. */
async function handshake(context: SecureContextOptions): Promise<TLSSocket> {
  const server = createServer(context, (socket) => void socket.on("error", () => undefined));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
  onTestFinished(() => {
    socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
  return socket;
}

const validity = () => ({ from: Date.now() - DAY, to: Date.now() + DAY });

/** A chain made by whoever stands between: same names, same subject, another key. */
async function impostor(nodeId: string): Promise<{ key: string; leaf: string; authority: string }> {
  const [key, leafKey] = [SecretKey.generate(systemRandom), SecretKey.generate(systemRandom)];
  const authority = await issueAuthority({
    key,
    name: nodeId,
    constraints: constraintsFor([]),
    validity: validity(),
    random: systemRandom,
  });
  const signedBy = { key, certificatePem: authority };
  const leaf = await issueLeaf({
    authority: signedBy,
    key: leafKey,
    name: nodeId,
    names: ["127.0.0.1"],
    validity: validity(),
    random: systemRandom,
  });
  return { key: toPkcs8Pem(leafKey), leaf, authority };
}

const refused = (message: RegExp) =>
  expect.objectContaining({ code: "NODE_MISMATCH", message: expect.stringMatching(message) as unknown }) as Error;

describe("requireNode", () => {
  it("accepts the node by its id alone, though no name in its leaf fits and nobody trusts its CA", async () => {
    const node = await testNode();
    const socket = await handshake(node.certificates.context());
    expect(socket.authorized).toBe(false);
    expect(requireNode(socket, node.nodeId, Date.now())).toEqual(node.key.publicKey);
  });

  it("accepts it after a re-issue, a new leaf key and a new CA certificate", async () => {
    const node = await testNode();
    node.current = { ...node.current, configured: ["ci.example.org"] };
    await node.certificates.renew();
    expect(requireNode(await handshake(node.certificates.context()), node.nodeId, Date.now())).toEqual(node.key.publicKey);
  });

  it.each([{ maxVersion: "TLSv1.2" }, { maxVersion: "TLSv1.3" }] as const)("works with $maxVersion", async (version) => {
    const node = await testNode();
    const socket = await handshake({ ...node.certificates.context(), ...version });
    expect(socket.getProtocol()).toBe(version.maxVersion);
    expect(requireNode(socket, node.nodeId, Date.now())).toEqual(node.key.publicKey);
  });

  it("refuses another node at that address and names both", async () => {
    const [wanted, other] = [await testNode(), await testNode()];
    const socket = await handshake(other.certificates.context());
    expect(() => requireNode(socket, wanted.nodeId, Date.now())).toThrow(
      refused(new RegExp(`${wanted.nodeId.slice(0, 6)}.*${other.nodeId.slice(0, 6)}`)),
    );
  });

  it("refuses an interceptor with a complete chain of its own in the node's name", async () => {
    const node = await testNode();
    const { key, leaf, authority } = await impostor(node.nodeId);
    const socket = await handshake({ key, cert: leaf + authority });
    expect(() => requireNode(socket, node.nodeId, Date.now())).toThrow(refused(/expected node/));
  });

  it("refuses an interceptor that puts the node's real CA behind its own leaf", async () => {
    const node = await testNode();
    const { key, leaf } = await impostor(node.nodeId);
    const socket = await handshake({ key, cert: leaf + node.certificates.caPem });
    expect(() => requireNode(socket, node.nodeId, Date.now())).toThrow(refused(/not signed|no complete/));
  });

  it("refuses a certificate that somebody signed with a stolen leaf key", async () => {
    const node = await testNode();
    const { key, cert } = node.certificates.context();
    const thief = SecretKey.generate(systemRandom);
    const stolen = { key: fromPkcs8Pem(key), certificatePem: cert.slice(0, cert.lastIndexOf("-----BEGIN")) };
    const forged = await issueLeaf({
      authority: stolen,
      key: thief,
      name: "x",
      names: ["127.0.0.1"],
      validity: validity(),
      random: systemRandom,
    });
    const socket = await handshake({ key: toPkcs8Pem(thief), cert: forged + cert });
    expect(() => requireNode(socket, node.nodeId, Date.now())).toThrow(refused(/no complete|expected node/));
  });

  it("refuses a leaf that comes without its authority", async () => {
    const node = await testNode();
    const { key, cert } = node.certificates.context();
    const socket = await handshake({ key, cert: cert.slice(0, cert.lastIndexOf("-----BEGIN")) });
    expect(() => requireNode(socket, node.nodeId, Date.now())).toThrow(refused(/no complete/));
  });

  it("takes a certificate that signed itself for its own authority: it proves the key it names, and no other", async () => {
    const key = SecretKey.generate(systemRandom);
    const name = nodeIdOf(key.publicKey);
    const own = await issueAuthority({ key, name, constraints: constraintsFor([]), validity: validity(), random: systemRandom });
    const socket = await handshake({ key: toPkcs8Pem(key), cert: own });
    expect(requireNode(socket, name, Date.now())).toEqual(key.publicKey);
    const node = await testNode();
    expect(() => requireNode(socket, node.nodeId, Date.now())).toThrow(refused(/^expected node /));
  });

  it("refuses a leaf outside its dates, and forgives a clock that is minutes off", async () => {
    const node = await testNode();
    const socket = await handshake(node.certificates.context());
    for (const now of [Date.now() + 180 * DAY, Date.now() - 2 * DAY, Number.NaN]) {
      expect(() => nodeKeyOfChain(socket, now)).toThrow(refused(/valid from .* to .*clock/));
    }
    expect(nodeKeyOfChain(socket, Date.now() - DAY - 3 * MINUTE)).toEqual(node.key.publicKey);
  });

  it("refuses a server whose authority has a key of another kind", async () => {
    const folder = temporaryFolder();
    const args = [
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-keyout",
      "k.pem",
      "-out",
      "c.pem",
      "-subj",
      "/CN=web",
      "-days",
      "2",
    ];
    execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
    const read = (name: string) => execFileSync("cat", [name], { cwd: folder, encoding: "utf8" });
    const socket = await handshake({ key: read("k.pem"), cert: read("c.pem") });
    expect(() => nodeKeyOfChain(socket, Date.now())).toThrow(refused(/no P-256 key/));
  });

  it("refuses a resumed session, on which no certificate is shown", async () => {
    const node = await testNode();
    const server = createServer(node.certificates.context(), (socket) => void socket.on("error", () => undefined).end("x"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const first = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
    const session = await new Promise<Buffer>((resolve) => first.once("session", resolve).resume());
    first.destroy();
    const second = connect({ port, host: "127.0.0.1", rejectUnauthorized: false, session });
    await new Promise((resolve) => second.once("secureConnect", resolve));
    expect(second.isSessionReused()).toBe(true);
    expect(() => requireNode(second, node.nodeId, Date.now())).toThrow(refused(/resumed/));
    second.destroy();
  });
});
