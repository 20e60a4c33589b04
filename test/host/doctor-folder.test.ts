/** What the doctor finds in a data folder: each finding provoked, and nothing in a healthy one. */

import { generateKeyPairSync } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { examine, type FindingCode } from "../../src/foundation/findings.ts";
import { FOLDER_PROBES, type FolderReader, folderReader, type Room } from "../../src/host/doctor/folder.ts";

const UID = process.geteuid?.() ?? -1;
const PLENTY: Room = { free: 10 * 1024 ** 3, files: 1000, freeFiles: 900 };

/** A folder as a node leaves it, with room to spare. */
function healthyFolder(): { readonly folder: string; readonly reader: FolderReader; readonly publicKey: Uint8Array } {
  const folder = mkdtempSync(join(tmpdir(), "cider-doctor-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const raw = Buffer.concat([Buffer.from([4]), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
  write(join(folder, "identity.key"), privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  mkdirSync(join(folder, "ledger"), { mode: 0o700 });
  write(join(folder, "ledger/000001.log"), '{"ledger":1}\n');
  return { folder, publicKey: raw, reader: { ...folderReader(folder, UID, raw), room: async () => PLENTY } };
}

function write(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 });
}

/** Resolves to the findings with this code, as level and text. */
async function found(reader: FolderReader, code: FindingCode): Promise<readonly (readonly [string, string])[]> {
  const { findings } = await examine(FOLDER_PROBES, reader);
  return findings.filter((finding) => finding.code === code).map(({ level, what }) => [level, what]);
}

describe("a healthy folder", () => {
  it("has one finding a probe, all well", async () => {
    const { findings, mended } = await examine(FOLDER_PROBES, healthyFolder().reader, { fix: true });
    expect(findings.map(({ code, level }) => [code, level])).toEqual(FOLDER_PROBES.map(({ code }) => [code, "ok"]));
    expect(findings.every(({ fixable, remedy }) => remedy === null && !fixable)).toBe(true);
    expect(mended).toEqual([]);
  });

  it("is read by the system's own figures", async () => {
    const { folder } = healthyFolder();
    expect((await folderReader(folder, UID).room()).free).toBeGreaterThan(0);
    expect(await found(folderReader(folder, UID), "KEY_FILE")).toEqual([
      ["ok", `${folder}/identity.key is a key that can be read`],
    ]);
  });

  it("may hold what is not the node's", async () => {
    const { folder, reader } = healthyFolder();
    writeFileSync(join(folder, "notes.txt"), "", { mode: 0o644 });
    expect(await found(reader, "FOLDER_RIGHTS")).toMatchObject([["ok", expect.anything()]]);
  });
});

describe("rights", () => {
  it("that are open are found file by file, and mended", async () => {
    const { folder, reader } = healthyFolder();
    chmodSync(folder, 0o755);
    chmodSync(join(folder, "identity.key"), 0o644);
    chmodSync(join(folder, "ledger/000001.log"), 0o660);
    expect(await found(reader, "FOLDER_RIGHTS")).toEqual([
      ["error", `${folder} is open to other accounts (mode 0755)`],
      ["error", `${folder}/identity.key is open to other accounts (mode 0644)`],
      ["error", `${folder}/ledger/000001.log is open to other accounts (mode 0660)`],
    ]);
    const { findings, mended } = await examine(FOLDER_PROBES, reader, { fix: true });
    expect([mended, findings.every(({ level }) => level === "ok")]).toEqual([["FOLDER_RIGHTS"], true]);
    expect([folder, join(folder, "identity.key")].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o600]);
  });

  it("that cannot be mended say so", async () => {
    const { folder, reader } = healthyFolder();
    chmodSync(folder, 0o755);
    const setMode = (): never => {
      throw new Error("EPERM: operation not permitted");
    };
    const { findings, mended } = await examine(FOLDER_PROBES, { ...reader, setMode }, { fix: true });
    expect(mended).toEqual([]);
    expect(findings.map(({ what }) => what)).toContain("could not be mended: EPERM: operation not permitted");
  });

  it("are not given through a link", async () => {
    const { folder, reader } = healthyFolder();
    symlinkSync("/etc/passwd", join(folder, "state.json"));
    const { mended } = await examine(FOLDER_PROBES, reader, { fix: true });
    expect(mended).toEqual([]);
    expect(statSync("/etc/passwd").mode & 0o777).not.toBe(0o600);
  });
});

describe("owner", () => {
  it("of another account is found with the command that mends it, and left alone", async () => {
    const { folder, reader } = healthyFolder();
    const { findings, mended } = await examine(FOLDER_PROBES, { ...reader, uid: UID + 1 }, { fix: true });
    const [finding] = findings.filter(({ code }) => code === "FOLDER_OWNER");
    expect(finding).toMatchObject({ level: "error", fixable: false, remedy: `sudo chown -R ${UID + 1} '${folder}'` });
    expect(mended).toEqual([]);
  });
});

describe("room", () => {
  it.each([
    [{ ...PLENTY, free: 500 * 1024 ** 2 }, "warn", "only 500 MiB are free"],
    [{ ...PLENTY, free: 1024 }, "error", "only 0 MiB are free"],
    [{ ...PLENTY, freeFiles: 3 }, "error", "only 3 more files can be made"],
    [{ ...PLENTY, files: 0, freeFiles: 0 }, "ok", "10240 MiB are free"],
  ] as const)("%o is %s", async (room, level, text) => {
    const { reader } = healthyFolder();
    const [finding] = await found({ ...reader, room: async () => room }, "DISK_SPACE");
    expect(finding).toEqual([level, expect.stringContaining(text)]);
  });

  it("that cannot be measured is a warning, not a failure", async () => {
    const { reader } = healthyFolder();
    const room = async (): Promise<never> => {
      throw new Error("EIO");
    };
    expect(await found({ ...reader, room }, "DISK_SPACE")).toEqual([["warn", "could not be examined: EIO"]]);
  });
});

describe("key", () => {
  const cases: readonly (readonly [string, (path: string) => void, string])[] = [
    ["missing", (path) => rmSync(path), "is missing"],
    ["damaged", (path) => write(path, "-----BEGIN PRIVATE KEY-----"), "holds no P-256 key that can be read"],
    [
      "of another kind",
      (path) => write(path, generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString()),
      "holds no P-256 key that can be read",
    ],
    [
      "another one",
      (path) =>
        write(
          path,
          generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
        ),
      "holds another key than this node runs with",
    ],
    [
      "a folder",
      (path) => {
        rmSync(path);
        mkdirSync(path, { mode: 0o700 });
      },
      "is not a plain file",
    ],
  ];

  it.each(cases)("%s is an error", async (_, spoil, text) => {
    const { folder, reader } = healthyFolder();
    spoil(join(folder, "identity.key"));
    expect(await found(reader, "KEY_FILE")).toEqual([["error", `${folder}/identity.key ${text}`]]);
  });
});

describe("ledger", () => {
  it("without a segment, or with one that is something else, is an error", async () => {
    const { folder, reader } = healthyFolder();
    write(join(folder, "ledger/000001.log"), "\0\0\0");
    expect(await found(reader, "LEDGER_FILES")).toEqual([
      ["error", `${folder}/ledger/000001.log does not begin as a segment does`],
    ]);
    rmSync(join(folder, "ledger"), { recursive: true });
    expect(await found(reader, "LEDGER_FILES")).toEqual([["error", `${folder}/ledger holds no segment`]]);
  });

  it("that cannot be read is an error", async () => {
    const { reader } = healthyFolder();
    const text = (): never => {
      throw new Error("EACCES: permission denied");
    };
    expect((await found({ ...reader, text }, "LEDGER_FILES"))[0]).toEqual([
      "error",
      expect.stringContaining("cannot be read (EACCES: permission denied)"),
    ]);
  });
});
