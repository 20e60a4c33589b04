/** Decisions around a service: lasting paths, what lives in a folder, accounts, managers, and steps that are taken back. */

import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findAccount, invokingAccount } from "../../src/host/accounts.ts";
import type { ChildResult } from "../../src/host/child.ts";
import { lookForNode } from "../../src/host/existing-node.ts";
import { LogFile } from "../../src/host/log-file.ts";
import { otherCiders } from "../../src/host/rivals.ts";
import { requireOnlyIdentity } from "../../src/host/service/adoption.ts";
import { act, logCommand, type SystemTools, stateOf } from "../../src/host/service/manager.ts";
import { Performance } from "../../src/host/service/perform.ts";
import { chooseNode, chooseProgram, lastingName, passingOwner } from "../../src/host/service/program.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cider-parts-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function toolsSaying(answers: Readonly<Record<string, Partial<ChildResult>>>, calls: string[] = []): SystemTools {
  return {
    run: async (words) => {
      calls.push(words.join(" "));
      return { code: 0, stdout: "", stderr: "", ...answers[words.slice(0, 2).join(" ")] };
    },
  };
}

describe("a path that outlives upgrades", () => {
  it.each([
    ["/home/ann/.nvm/versions/node/v22.1.0/bin/node", "nvm"],
    ["/home/ann/.local/share/fnm/node-versions/v22/installation/bin/node", "fnm"],
    ["/run/user/1000/fnm_multishells/1_2/bin/node", "fnm"],
    ["/home/ann/.volta/tools/image/node/22.1.0/bin/node", "Volta"],
    ["/home/ann/.asdf/installs/nodejs/22.1.0/bin/node", "asdf"],
    ["/home/ann/.local/share/mise/installs/node/22/bin/node", "mise"],
    ["/opt/homebrew/Cellar/node/24.1.0/bin/node", "Homebrew's Cellar"],
    ["/nix/store/abc-nodejs-22/bin/node", "the Nix store"],
    ["/snap/node/9876/bin/node", "a revision of a snap"],
    ["/home/ann/.npm/_npx/0123/node_modules/cider-fleet", "the cache of npx"],
    ["/tmp/try/node", "a temporary folder"],
  ])("is not %s", (path, owner) => expect(passingOwner(path)).toBe(owner));

  it.each(["/usr/bin/node", "/usr/local/bin/node", "/opt/homebrew/opt/node@22/bin/node", "/snap/node/current/bin/node"])(
    "is %s",
    (path) => expect(passingOwner(path)).toBeUndefined(),
  );

  it("is what Homebrew and snap keep beside their versions", () => {
    expect(lastingName("/opt/homebrew/Cellar/node@22/22.11.0/bin/node")).toBe("/opt/homebrew/opt/node@22/bin/node");
    expect(lastingName("/snap/node/9876/bin/node")).toBe("/snap/node/current/bin/node");
    expect(lastingName("/usr/bin/node")).toBeUndefined();
  });

  const facts = (...paths: readonly string[]) => ({
    exists: (path: string) => paths.includes(path),
    real: (path: string) => path,
  });
  const nvm = "/home/ann/.nvm/versions/node/v22.1.0/bin/node";

  it("is the system's Node when the running one passes, if it is new enough", () => {
    const choice = { running: nvm, hidden: [], fits: (path: string) => path === "/usr/local/bin/node" };
    expect(chooseNode(choice, facts(nvm, "/usr/bin/node", "/usr/local/bin/node"))).toBe("/usr/local/bin/node");
    expect(() => chooseNode(choice, facts(nvm, "/usr/bin/node"))).toThrow(expect.objectContaining({ code: "NODE_PASSING" }));
  });

  it("is the one that was named, or the reason against it", () => {
    const choice = { running: "/usr/bin/node", hidden: ["/home"], fits: () => true };
    expect(chooseNode({ ...choice, named: "/opt/node/bin/node" }, facts("/opt/node/bin/node"))).toBe("/opt/node/bin/node");
    expect(() => chooseNode({ ...choice, named: "/opt/node/bin/node" }, facts())).toThrow(/is not there; name another Node/);
    expect(() => chooseNode({ ...choice, named: "/home/ann/node" }, facts("/home/ann/node"))).toThrow(
      /in a home, which the service cannot see/,
    );
    const old = { ...choice, fits: () => false, named: "/usr/bin/node" };
    expect(() => chooseNode(old, facts("/usr/bin/node"))).toThrow(/is too old/);
  });

  it("is a copy for a program in a home that the service cannot see", () => {
    const script = "/home/ann/cider-fleet/bin/cider-fleet.cjs";
    const there = facts("/home/ann/cider-fleet");
    expect(chooseProgram(script, "/usr/local/lib/cider-fleet", ["/home"], there)).toEqual({
      program: "/usr/local/lib/cider-fleet/bin/cider-fleet.cjs",
      copy: { from: "/home/ann/cider-fleet", to: "/usr/local/lib/cider-fleet" },
    });
    expect(chooseProgram(script, "/usr/local/lib/cider-fleet", [], there)).toEqual({ program: script });
  });
});

describe("what lives in a folder", () => {
  const line = (...changes: readonly object[]) => `${JSON.stringify({ hash: "0", seq: 1, changes })}\n`;

  it("is a node with the peers of its checkpoint and lines, less those removed", () => {
    mkdirSync(join(folder, "ledger"));
    writeFileSync(join(folder, "identity.key"), "a key");
    writeFileSync(join(folder, "state.json"), JSON.stringify({ folds: { peers: [{ id: "a" }, { id: "b" }] } }));
    const lines = [
      line({ type: "peer.registered", id: "c" }, { type: "token.issued", id: "t" }),
      line({ type: "peer.removed", id: "a" }),
      "half a li",
    ];
    writeFileSync(join(folder, "ledger/000001.log"), lines.join(""));
    expect(lookForNode(folder)).toEqual({ folder, state: "present", peers: 2 });
  });

  it("is nobody where there is no key", () => {
    expect(lookForNode(folder)).toEqual({ folder, state: "none", peers: 0 });
    expect(lookForNode(join(folder, "nothing"))).toMatchObject({ state: "none" });
  });

  it("keeps a second identity from being made, both folders named; its own start is not hindered", () => {
    const other = { folder: "/var/lib/cider-fleet", state: "present", peers: 1 } as const;
    const mine = { folder: "/home/ann/.local/state/cider-fleet", state: "none", peers: 0 } as const;
    expect(() => requireOnlyIdentity(mine, [mine, other])).toThrow(
      "a node with peers lives in /var/lib/cider-fleet; starting in /home/ann/.local/state/cider-fleet would make a second one on this host",
    );
    expect(() => requireOnlyIdentity(mine, [{ ...other, state: "closed", peers: 0 }])).toThrow(
      expect.objectContaining({ code: "NODE_EXISTS" }),
    );
    expect(() => requireOnlyIdentity(mine, [{ ...other, peers: 0 }])).not.toThrow();
    expect(() => requireOnlyIdentity({ ...mine, state: "present" }, [other])).not.toThrow();
  });
});

describe("accounts", () => {
  it("behind root is the one that called sudo or doas", () => {
    expect(invokingAccount({ SUDO_USER: "ann" }, 0)).toBe("ann");
    expect(invokingAccount({ DOAS_USER: "ann" }, 0)).toBe("ann");
    expect(invokingAccount({ SUDO_USER: "root" }, 0)).toBeUndefined();
    expect(invokingAccount({ SUDO_USER: "ann" }, 501)).toBeUndefined();
  });

  it("are read from the passwd line or the directory", async () => {
    const linux = toolsSaying({ "getent passwd": { stdout: "ann:x:1000:1001:Ann:/home/ann:/bin/bash\n" } });
    expect(await findAccount("ann", "linux", linux)).toEqual({ name: "ann", uid: 1000, gid: 1001, home: "/home/ann" });
    const mac = toolsSaying({ "dscl .": { stdout: "NFSHomeDirectory: /Users/ann\nPrimaryGroupID: 20\nUniqueID: 501\n" } });
    expect(await findAccount("ann", "darwin", mac)).toEqual({ name: "ann", uid: 501, gid: 20, home: "/Users/ann" });
    expect(await findAccount("ann", "linux", toolsSaying({ "getent passwd": { code: 2 } }))).toBeUndefined();
    await expect(findAccount("../x", "darwin", mac)).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
  });
});

describe("the service manager", () => {
  const linux = { platform: "linux", scope: "system", home: "/" } as const;
  const mac = { platform: "darwin", scope: "system", home: "/Users/ann" } as const;

  it("tells how the service is", async () => {
    const systemd = (stdout: string) => stateOf(linux, 0, toolsSaying({ "systemctl show": { stdout } }));
    expect(await systemd("LoadState=loaded\nActiveState=active\nMainPID=42\nResult=success\n")).toEqual({
      state: "running",
      pid: 42,
      detail: undefined,
    });
    expect(await systemd("LoadState=loaded\nActiveState=failed\nMainPID=0\nResult=exit-code\nExecMainStatus=78\n")).toMatchObject(
      {
        state: "failed",
        detail: "exit-code, exit code 78",
      },
    );
    expect(await systemd("LoadState=not-found\n")).toEqual({ state: "absent" });
    const launchd = (answer: Partial<ChildResult>) => stateOf(mac, 501, toolsSaying({ "launchctl print": answer }));
    expect(await launchd({ stdout: "system/cider-fleet = {\n\tpid = 77\n\tlast exit code = (never exited)\n}" })).toEqual({
      state: "running",
      pid: 77,
    });
    expect(await launchd({ stdout: "\tlast exit code = 78: EX_CONFIG\n" })).toEqual({
      state: "failed",
      detail: "exit code 78: EX_CONFIG",
    });
    expect(await launchd({ code: 113 })).toEqual({ state: "absent" });
  });

  it("is waited for until a job is gone, before it is started again", async () => {
    const calls: string[] = [];
    let looks = 0;
    const tools: SystemTools = {
      run: async (words) => {
        calls.push(words.slice(0, 2).join(" "));
        return { code: words[1] === "print" && ++looks > 2 ? 113 : 0, stdout: "", stderr: "" };
      },
    };
    await act("restart", mac, 501, tools);
    expect(calls).toEqual(["launchctl bootout", "launchctl print", "launchctl print", "launchctl print", "launchctl bootstrap"]);
  });

  it("has the log where the platform's people look", () => {
    expect(logCommand(linux, undefined, 50, false)).toEqual([
      "journalctl",
      "--unit=cider-fleet.service",
      "--lines=50",
      "--output=cat",
      "--no-pager",
    ]);
    expect(logCommand({ ...linux, scope: "user" }, undefined, 50, true).join(" ")).toContain(
      "--user-unit=cider-fleet.service --lines=50 --output=cat --follow",
    );
    expect(logCommand(mac, "/Users/ann/Library/Logs/cider-fleet/cider-fleet.log", 50, true).slice(0, 4)).toEqual([
      "tail",
      "-n",
      "50",
      "-F",
    ]);
  });

  it("that refuses is quoted", async () => {
    const tools = toolsSaying({ "systemctl start": { code: 1, stderr: "Job failed.\nSee journalctl.\n" } });
    await expect(act("start", linux, 0, tools)).rejects.toMatchObject({
      code: "SERVICE_REFUSED",
      message: "systemctl start cider-fleet.service failed: Job failed.",
    });
  });
});

describe("steps", () => {
  const performance = () => new Performance({ platform: "linux", root: folder, tools: toolsSaying({}) });

  it("are taken back, the last first", async () => {
    mkdirSync(join(folder, "old"));
    writeFileSync(join(folder, "old/a"), "1");
    writeFileSync(join(folder, "unit"), "before");
    const done = performance();
    await done.perform({ kind: "aside", path: "/old", to: "/kept" });
    await done.perform({ kind: "folder", path: "/old", mode: 0o700 });
    await done.perform({ kind: "file", path: "/unit", mode: 0o644, text: "after" });
    await done.perform({ kind: "file", path: "/deep/new", mode: 0o600, text: "new" });
    expect(readFileSync(join(folder, "unit"), "utf8")).toBe("after");
    expect(statSync(join(folder, "deep/new")).mode & 0o777).toBe(0o600);
    done.takeBack();
    expect(readFileSync(join(folder, "old/a"), "utf8")).toBe("1");
    expect(readFileSync(join(folder, "unit"), "utf8")).toBe("before");
    expect(existsSync(join(folder, "kept"))).toBe(false);
    expect(existsSync(join(folder, "deep/new"))).toBe(false);
  });

  it("copy a program beside the old one, which comes back or goes", async () => {
    mkdirSync(join(folder, "lib/bin"), { recursive: true });
    writeFileSync(join(folder, "lib/bin/x"), "old");
    const source = join(folder, "source");
    mkdirSync(join(source, "bin"), { recursive: true });
    writeFileSync(join(source, "bin/x"), "new");
    const step = { kind: "copy", from: source, to: "/lib", parts: ["bin"] } as const;
    const done = performance();
    await done.perform(step);
    expect(readFileSync(join(folder, "lib/bin/x"), "utf8")).toBe("new");
    done.takeBack();
    expect(readFileSync(join(folder, "lib/bin/x"), "utf8")).toBe("old");
    await done.perform(step);
    done.settle();
    expect(existsSync(join(folder, "lib.old"))).toBe(false);
    done.takeBack();
    expect(readFileSync(join(folder, "lib/bin/x"), "utf8")).toBe("new");
  });

  it.each([
    ["a hard link", (path: string) => linkSync(join(folder, "precious"), path)],
    ["a symbolic link", (path: string) => symlinkSync(join(folder, "precious"), path)],
  ])("hand nothing over that was only linked into the folder: %s", async (_, link) => {
    writeFileSync(join(folder, "precious"), "another's");
    mkdirSync(join(folder, "node"));
    link(join(folder, "node/file"));
    const step = { kind: "move", from: "/node", to: "/service", owner: "daemon" } as const;
    await expect(performance().perform(step)).rejects.toMatchObject({
      code: process.getuid?.() === 0 ? "SERVICE_REFUSED" : "FOLDER_UNSAFE",
    });
    const known: SystemTools = { run: async () => ({ code: 0, stdout: "daemon:x:1:1::/:/bin/false\n", stderr: "" }) };
    const done = new Performance({ platform: "linux", root: folder, tools: known });
    await expect(done.perform(step)).rejects.toMatchObject({ code: "FOLDER_UNSAFE" });
    expect(existsSync(join(folder, "node"))).toBe(true);
  });
});

describe("a log that keeps itself small", () => {
  it("is cut, not renamed, with older ones kept beside it", () => {
    const path = join(folder, "log/cider-fleet.log");
    const log = new LogFile(path, { bytes: 10, kept: 2 });
    const { ino } = statSync(path);
    for (const word of ["first-----\n", "second----\n", "third-----\n", "fourth----\n"]) log.write(word);
    expect(readFileSync(path, "utf8")).toBe("fourth----\n");
    expect(statSync(path).ino).toBe(ino);
    expect([1, 2].map((age) => readFileSync(`${path}.${age}`, "utf8"))).toEqual(["third-----\n", "second----\n"]);
    expect(existsSync(`${path}.3`)).toBe(false);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("counts what others wrote into it, and ends nothing when it cannot be written", () => {
    const path = join(folder, "log");
    writeFileSync(path, "said by a start that failed\n");
    const log = new LogFile(path, { bytes: 10, kept: 1 });
    log.write("x\n");
    expect(readFileSync(path, "utf8")).toBe("x\n");
    rmSync(path);
    mkdirSync(path);
    expect(() => log.write("y\n")).not.toThrow();
  });
});

describe("another cider", () => {
  it("is any program of that name which is not ours", () => {
    const ours = join(folder, "package");
    const theirs = join(folder, "theirs");
    for (const path of [join(ours, "bin"), theirs]) mkdirSync(path, { recursive: true });
    for (const path of [join(ours, "bin/cider.cjs"), join(theirs, "cider")]) {
      writeFileSync(path, "#!/bin/sh\n");
      chmodSync(path, 0o755);
    }
    const links = join(folder, "links");
    mkdirSync(links);
    symlinkSync(join(ours, "bin/cider.cjs"), join(links, "cider"));
    expect(otherCiders(`${links}:${theirs}:relative:${theirs}`, ours).map(({ what }) => what)).toEqual([
      `another program is called cider: ${theirs}/cider`,
    ]);
    expect(otherCiders(undefined, ours)).toEqual([]);
    expect(otherCiders(links, join(folder, "elsewhere")), "no manifest says that it is a copy").toHaveLength(1);
    writeFileSync(join(ours, "package.json"), '{ "name": "cider-fleet" }');
    expect(otherCiders(links, join(folder, "elsewhere")), "a copy of what is installed").toEqual([]);
  });
});
