import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { FileStore } from "../../src/sdk-node/file-store.ts";
import { refusal } from "../foundation/refusal.ts";
import { temporaryFolder } from "../identity/certificates.ts";

const NODE = "nodes/5a07a723-c795-8830-ae2e-6be0ef71b399";
const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe("FileStore", () => {
  it("keeps texts in private files and folders", () => {
    const folder = join(temporaryFolder(), "config", "cider-fleet");
    const store = new FileStore(folder);
    expect([store.get("key"), store.get(NODE), store.list()]).toEqual([undefined, undefined, []]);
    expect(existsSync(folder)).toBe(false);
    store.set(NODE, "one");
    store.set(NODE, "two");
    store.set("key", "secret");
    expect([new FileStore(folder).get("key"), store.get(NODE), store.list()]).toEqual(["secret", "two", [NODE]]);
    expect([folder, join(folder, "nodes")].map(modeOf)).toEqual([0o700, 0o700]);
    expect([join(folder, "key.json"), join(folder, `${NODE}.json`)].map(modeOf)).toEqual([0o600, 0o600]);
    expect(readdirSync(folder).toSorted()).toEqual(["key.json", "nodes"]);
  });

  it("keeps the first key: a second one is not written", () => {
    const store = new FileStore(temporaryFolder());
    store.set("key", "first");
    store.set("key", "second");
    expect(store.get("key")).toBe("first");
  });

  it("gives one key to programs that start at once", async () => {
    const folder = temporaryFolder();
    const program = `
      const { StoredKey } = await import(${JSON.stringify(join(import.meta.dirname, "../../src/sdk/stored-key.ts"))});
      const { FileStore } = await import(${JSON.stringify(join(import.meta.dirname, "../../src/sdk-node/file-store.ts"))});
      const { systemRandom } = await import(${JSON.stringify(join(import.meta.dirname, "../../src/foundation/random.ts"))});
      const key = await new StoredKey(new FileStore(${JSON.stringify(folder)}), systemRandom).signerOrNew();
      console.log(Buffer.from(key.publicKey).toString("hex"));`;
    const run = () => promisify(execFile)(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", program]);
    const keys = (await Promise.all([run(), run(), run()])).map(({ stdout }) => stdout.trim());
    expect(keys[0]).toMatch(/^04[0-9a-f]{128}$/);
    expect(new Set(keys).size).toBe(1);
  });

  it.each([0o640, 0o604, 0o660, 0o666])("refuses a key file of mode %o, with the command that mends it", (mode) => {
    const folder = temporaryFolder();
    const store = new FileStore(folder);
    store.set("key", "secret");
    chmodSync(join(folder, "key.json"), mode);
    const error = refusal(() => store.get("key"));
    expect([error.code, error.message]).toEqual([
      "STORE_UNUSABLE",
      `${folder}/key.json is open to other accounts; run: chmod 600 '${folder}/key.json'`,
    ]);
  });

  it("refuses to write into a folder that others may write", () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o777);
    const error = refusal(() => new FileStore(folder).set("key", "secret"));
    expect([error.code, error.message.endsWith(`chmod 700 '${folder}'`)]).toEqual(["STORE_UNUSABLE", true]);
    expect(existsSync(join(folder, "key.json"))).toBe(false);
  });

  it("shares a folder that others may read with a person's own files", () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, "config.toml"), "");
    new FileStore(folder).set("key", "secret");
    expect(modeOf(join(folder, "key.json"))).toBe(0o600);
  });

  it("says what the system says when a file cannot be read or written", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "key.json"));
    expect(refusal(() => new FileStore(folder).get("key")).code).toBe("STORE_UNUSABLE");
    writeFileSync(join(folder, "file"), "");
    expect(refusal(() => new FileStore(join(folder, "file")).set(NODE, "x")).code).toBe("STORE_UNUSABLE");
    expect(refusal(() => new FileStore(join(folder, "file", "deeper")).list()).code).toBe("STORE_UNUSABLE");
  });

  it("replaces a link instead of writing through it", () => {
    const folder = temporaryFolder();
    const store = new FileStore(folder);
    store.set(NODE, "one");
    const target = join(folder, "elsewhere");
    writeFileSync(target, "mine");
    symlinkSync(target, join(folder, "nodes", "00000000-0000-8000-8000-000000000000.json"));
    store.set("nodes/00000000-0000-8000-8000-000000000000", "x");
    expect(readFileSync(target, "utf8")).toBe("mine");
  });

  it.each(["../key", "nodes/../key", "nodes/x", "nodes", ""])("takes no name that could be a path: %j", (name) => {
    const store = new FileStore(temporaryFolder());
    expect(() => store.get(name)).toThrow(RangeError);
    expect(() => store.set(name, "x")).toThrow(RangeError);
  });

  it("passes over files that are no records", () => {
    const folder = temporaryFolder();
    const store = new FileStore(folder);
    store.set(NODE, "x");
    writeFileSync(join(folder, "nodes", "README.json"), "");
    writeFileSync(join(folder, "nodes", ".x.1.tmp"), "");
    expect(store.list()).toEqual([NODE]);
  });
});
