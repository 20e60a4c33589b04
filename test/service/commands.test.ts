/** The commands of the service as a person types them, below a throw-away root, where nothing is started or stopped. */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { passingOwner } from "../../src/host/service/program.ts";
import { unitPath } from "../../src/host/service/spec.ts";
import { parseObject } from "../../src/wire/parse.ts";
import { ROOT, run } from "../cli/doubles.ts";

const UNIT = unitPath({ platform: "linux", scope: "system", home: "/" });
const SCRIPT = join(ROOT, "bin/cider-fleet.cjs");
/** A clone in a temporary folder is copied, so that its unit lasts; any other is run where it is. */
const COPY = passingOwner(SCRIPT) === undefined ? undefined : "/usr/local/lib/cider-fleet";
const PROGRAM = COPY === undefined ? SCRIPT : join(COPY, "bin/cider-fleet.cjs");

describe.runIf(process.platform === "linux")("the commands of the service", () => {
  let root: string;
  let script: string | undefined;
  const service = (word: string, ...options: readonly string[]) => run("service", word, "--root", root, ...options);

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "cider-root-"));
    script = process.argv[1];
    process.argv[1] = SCRIPT;
  });
  afterEach(() => {
    if (script !== undefined) process.argv[1] = script;
    rmSync(root, { recursive: true, force: true });
  });

  it("install, look after and uninstall; the data stay", async () => {
    const installed = await service("install", "--json");
    expect(installed.code).toBe(0);
    const answer = parseObject(JSON.parse(installed.out), "answer");
    expect(answer).toMatchObject({ unit: UNIT, account: "cider-fleet", identity: "new", dataDir: "/var/lib/cider-fleet" });
    expect(readFileSync(join(root, UNIT), "utf8")).toContain(`${PROGRAM} up --data-dir /var/lib/cider-fleet\n`);

    const status = await service("status");
    expect({ code: status.code, err: status.err }).toEqual({ code: 0, err: "" });
    expect(status.out).toContain(UNIT);

    writeFileSync(join(root, "var/lib/cider-fleet/identity.key"), "a key");
    const removed = await service("uninstall");
    expect(removed.err).toContain("the node's data stay in /var/lib/cider-fleet");
    expect(existsSync(join(root, UNIT))).toBe(false);
    expect(existsSync(join(root, "var/lib/cider-fleet/identity.key"))).toBe(true);
  });

  it("a dry run changes nothing", async () => {
    const { code, out } = await service("install", "--dry-run");
    expect(code).toBe(0);
    expect(out).toContain(`write ${UNIT} (0644):`);
    expect(existsSync(join(root, UNIT))).toBe(false);
    await service("install");
    expect((await service("uninstall", "--dry-run", "--purge")).out).toBe(
      [UNIT, ...(COPY === undefined ? [] : [COPY]), "/var/lib/cider-fleet"].map((path) => `remove ${path}\n`).join(""),
    );
    expect(existsSync(join(root, UNIT))).toBe(true);
  });

  const drifts: readonly (readonly [string, (text: string) => string, RegExp])[] = [
    [
      "whose Node vanished",
      (text) => text.replace(process.execPath, "/opt/node-18/bin/node"),
      /Node is gone: \/opt\/node-18\/bin\/node/,
    ],
    [
      "whose program vanished",
      (text) => text.replace(PROGRAM, "/opt/gone/bin/cider-fleet.cjs"),
      /the program is gone: \/opt\/gone/,
    ],
    [
      "whose Node is a version manager's",
      (text) => text.replace(process.execPath, "/x/.nvm/versions/node/v22/bin/node"),
      /a path of nvm/,
    ],
    ["that was edited", (text) => text.replace("UMask=0077", "UMask=0000"), /the unit's text is not what this version writes/],
    ["that starts something else", (text) => text.replace(" up ", " down "), /the unit does not start this program/],
    [
      "whose data vanished",
      (text) => text.replace("--data-dir /var/lib/cider-fleet", "--data-dir /srv/gone"),
      /the data folder is gone: \/srv\/gone/,
    ],
  ];
  it.each(drifts)("status reports a unit %s", async (_, change, finding) => {
    await service("install");
    const path = join(root, UNIT);
    const vanishedAs = join(root, "x/.nvm/versions/node/v22/bin/node");
    mkdirSync(dirname(vanishedAs), { recursive: true });
    writeFileSync(vanishedAs, "");
    writeFileSync(path, change(readFileSync(path, "utf8")));
    const { code, err } = await service("status");
    expect(code).toBe(1);
    expect(err).toMatch(finding);
    expect(err).toContain("cider: hint: ");
  });

  it("status reports another version than this one", async () => {
    const program = "/opt/older/bin/cider-fleet.cjs";
    for (const [name, text] of [
      ["opt/older/package.json", '{"name":"cider-fleet","version":"0.0.1"}'],
      ["opt/older/bin/cider-fleet.cjs", ""],
    ] as const) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), text);
    }
    await service("install");
    const path = join(root, UNIT);
    writeFileSync(path, readFileSync(path, "utf8").replace(PROGRAM, program));
    const { out } = await service("status", "--json");
    expect(JSON.parse(out)).toMatchObject({
      drift: [{ what: expect.stringMatching(/the unit starts version 0\.0\.1, this is /) as string }],
    });
  });

  it("--purge asks, and is refused where nobody can answer", async () => {
    await service("install");
    writeFileSync(join(root, "var/lib/cider-fleet/identity.key"), "a key");
    const asked = await service("uninstall", "--purge");
    rmSync(join(root, "var/lib/cider-fleet/identity.key"));
    expect(asked.code).toBe(2);
    expect(asked.err).toContain("nothing brings them back");
    expect(existsSync(join(root, UNIT))).toBe(true);
    expect((await service("uninstall", "--purge", "--yes")).err).toContain(
      "there is no node in /var/lib/cider-fleet; it is not removed",
    );
    writeFileSync(join(root, "var/lib/cider-fleet/identity.key"), "a key");
    expect((await service("uninstall", "--purge", "--yes")).err).toContain("the node's data in /var/lib/cider-fleet are gone");
    expect(existsSync(join(root, "var/lib/cider-fleet"))).toBe(false);
  });

  it("--fresh keeps the node that is in the way", async () => {
    await service("install");
    writeFileSync(join(root, "var/lib/cider-fleet/identity.key"), "the old key");
    const { err } = await service("install", "--fresh");
    expect(err).toContain("a new node is made in /var/lib/cider-fleet");
    const kept = (await import("node:fs"))
      .readdirSync(join(root, "var/lib"))
      .find((name) => name.startsWith("cider-fleet.before-"));
    expect(readFileSync(join(root, "var/lib", kept ?? "", "identity.key"), "utf8")).toBe("the old key");
    expect(existsSync(join(root, "var/lib/cider-fleet/identity.key"))).toBe(false);
  });

  it("nothing installed is said with the places that were looked at", async () => {
    for (const word of ["status", "uninstall"]) {
      const { code, err } = await service(word);
      expect(code).toBe(5);
      expect(err).toContain(`no service is installed (there is no ${UNIT}`);
    }
  });

  it("two scopes at once are refused", async () => {
    expect((await service("install", "--user", "--system")).code).toBe(2);
  });

  it("another program called cider is reported, with two ways out", async () => {
    const folder = join(root, "elsewhere");
    mkdirSync(folder);
    writeFileSync(join(folder, "cider"), "#!/bin/sh\n", { mode: 0o755 });
    const { runWords } = await import("../../src/cli/main.ts");
    const { terminalDouble } = await import("../cli/doubles.ts");
    const terminal = terminalDouble({ env: { NO_COLOR: "1", PATH: folder } });
    await runWords(["service", "install", "--root", root], terminal);
    expect(terminal.stderr.text).toContain(`another program is called cider: ${folder}/cider`);
    expect(terminal.stderr.text).toContain('use "cider-fleet" instead');
    expect(terminal.stderr.text).toContain("behind ours in PATH");
  });
});
