import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { SecretKey } from "../../src/crypto/secret-key.ts";
import { systemRandom } from "../../src/foundation/random.ts";
import { openIdentity } from "../../src/identity/key-file.node.ts";
import { fromPkcs8Pem, toPkcs8Pem } from "../../src/identity/pkcs8.node.ts";
import { temporaryFolder } from "./certificates.ts";

function keptKey(): { folder: string; path: string; key: SecretKey } {
  const folder = temporaryFolder();
  const { key } = openIdentity(folder, systemRandom);
  return { folder, path: join(folder, "identity.key"), key };
}

function refusal(folder: string) {
  try {
    openIdentity(folder, systemRandom);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("openIdentity", () => {
  it("makes a key once and finds it again", () => {
    const folder = temporaryFolder();
    const first = openIdentity(folder, systemRandom);
    const second = openIdentity(folder, systemRandom);
    expect([first.created, second.created]).toEqual([true, false]);
    expect(second.key.publicKey).toEqual(first.key.publicKey);
  });

  it("writes PKCS#8 PEM with mode 0600 that OpenSSL reads", () => {
    const { path } = keptKey();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, "utf8")).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    const text = execFileSync("openssl", ["pkey", "-in", path, "-noout", "-text"], { encoding: "utf8" });
    expect(text).toContain("prime256v1");
  });

  it("reads a P-256 key that OpenSSL made", () => {
    const folder = temporaryFolder();
    const path = join(folder, "identity.key");
    execFileSync("openssl", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path], {
      stdio: "pipe",
    });
    chmodSync(path, 0o600);
    const { key, created } = openIdentity(folder, systemRandom);
    expect(created).toBe(false);
    const spki = execFileSync("openssl", ["pkey", "-in", path, "-pubout", "-outform", "DER"], { stdio: "pipe" });
    expect(Buffer.from(key.publicKey)).toEqual(spki.subarray(26));
  });

  it.each([
    ["empty", ""],
    ["cut short", "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----\n"],
    ["no PEM at all", "0101010101010101"],
  ])("refuses a file that is %s, and leaves it as it was", (_, content) => {
    const { folder, path } = keptKey();
    writeFileSync(path, content);
    expect(refusal(folder)).toMatchObject({ code: "KEY_UNUSABLE", message: expect.stringContaining(path) as unknown });
    expect(readFileSync(path, "utf8")).toBe(content);
  });

  it.each(["P-384", "secp256k1"])("refuses a key on %s", (curve) => {
    const { folder, path } = keptKey();
    execFileSync("openssl", ["genpkey", "-algorithm", "EC", "-pkeyopt", `ec_paramgen_curve:${curve}`, "-out", path], {
      stdio: "pipe",
    });
    expect(refusal(folder)).toMatchObject({ code: "KEY_UNUSABLE" });
  });

  it("refuses a key that others may read, and says how to mend it", () => {
    const { folder, path } = keptKey();
    chmodSync(path, 0o640);
    expect(refusal(folder)).toMatchObject({
      code: "KEY_UNUSABLE",
      message: expect.stringContaining(`chmod 600 '${path}'`) as unknown,
    });
  });

  it("refuses another account's key", () => {
    const { folder } = keptKey();
    vi.spyOn(process, "getuid").mockReturnValue(54321);
    expect(refusal(folder)).toMatchObject({ code: "KEY_UNUSABLE", message: expect.stringContaining("not to 54321") as unknown });
  });

  it("refuses a link and a folder in its place", () => {
    const { folder, path } = keptKey();
    renameSync(path, join(folder, "elsewhere"));
    symlinkSync(join(folder, "elsewhere"), path);
    expect(refusal(folder)).toMatchObject({ code: "KEY_UNUSABLE", message: expect.stringContaining("symbolic link") as unknown });
    rmSync(path);
    mkdirSync(path);
    expect(refusal(folder)).toMatchObject({ code: "KEY_UNUSABLE" });
  });

  it.each(["ledger", "state.json", "ca.pem"])("makes no new key where %s shows that there was one", (trace) => {
    const { folder, path } = keptKey();
    rmSync(path);
    mkdirSync(join(folder, trace));
    expect(refusal(folder)).toMatchObject({ code: "KEY_UNUSABLE", message: expect.stringContaining("restore") as unknown });
    expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined();
  });

  it("notices one wrong bit in the private half, and repeats nothing of it", () => {
    const { folder, path, key } = keptKey();
    const pem = readFileSync(path, "utf8");
    const der = Buffer.from(pem.replace(/-----.*-----|\n/g, ""), "base64");
    der[60] = (der[60] ?? 0) ^ 1;
    const body = der.toString("base64");
    writeFileSync(path, `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`);
    const error = refusal(folder);
    expect(error).toMatchObject({ code: "KEY_UNUSABLE" });
    const said = inspect(error, { depth: 9 });
    for (const secret of [body.slice(0, 64), pem.split("\n")[1] ?? "missing", key.revealHex()])
      expect(said).not.toContain(secret);
  });
});

describe("PKCS#8", () => {
  it("gives back every key it wrote", () => {
    for (let i = 0; i < 20; i++) {
      const key = SecretKey.generate(systemRandom);
      expect(fromPkcs8Pem(toPkcs8Pem(key)).revealHex()).toBe(key.revealHex());
    }
  });

  it("keeps leading zeros of a small scalar", () => {
    const hex = "01".padStart(64, "0");
    expect(fromPkcs8Pem(toPkcs8Pem(SecretKey.fromHex(hex))).revealHex()).toBe(hex);
  });

  it("refuses SEC1 and encrypted keys", () => {
    const sec1 = execFileSync("openssl", ["ecparam", "-name", "prime256v1", "-genkey", "-noout"], {
      encoding: "utf8",
      stdio: "pipe",
    });
    expect(() => fromPkcs8Pem(sec1)).toThrow(SyntaxError);
    const locked = execFileSync("openssl", ["pkcs8", "-topk8", "-passout", "pass:x"], {
      encoding: "utf8",
      input: sec1,
      stdio: "pipe",
    });
    expect(() => fromPkcs8Pem(locked)).toThrow(SyntaxError);
  });
});
