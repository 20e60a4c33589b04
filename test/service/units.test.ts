/** The units are ones their managers accept, and say what the code says. The files that are shipped are the generator's. */

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest";
import { EXIT_CODES } from "../../src/cli/exit-codes.ts";
import { systemDataFolder } from "../../src/host/data-folder.ts";
import { launchdCommand, launchdJob } from "../../src/host/service/launchd.ts";
import type { ServiceSpec } from "../../src/host/service/spec.ts";
import { serviceCommand } from "../../src/host/service/spec.ts";
import { HOPELESS_EXITS, systemdCommand, systemdUnit, systemdWord, unitFolders } from "../../src/host/service/systemd.ts";
import { specOfUnit, unitText } from "../../src/host/service/unit.ts";
import { ROOT } from "../cli/doubles.ts";

const LINUX: ServiceSpec = {
  platform: "linux",
  scope: "system",
  home: "/var/lib/cider-fleet",
  account: "cider-fleet",
  node: "/usr/bin/node",
  program: "/usr/lib/node_modules/cider-fleet/bin/cider-fleet.cjs",
  dataDir: "/var/lib/cider-fleet",
};
const MAC: ServiceSpec = {
  ...LINUX,
  platform: "darwin",
  home: "/Users/you",
  account: "you",
  node: "/usr/local/bin/node",
  program: "/usr/local/lib/node_modules/cider-fleet/bin/cider-fleet.cjs",
  dataDir: "/Users/you/Library/Application Support/cider-fleet",
};

const SHIPPED: readonly (readonly [string, string])[] = [
  ["systemd/cider-fleet.service", systemdUnit(LINUX)],
  ["launchd/cider-fleet.plist", launchdJob(MAC)],
];

/** Keys that launchd.plist(5) of macOS 15 documents, deprecated ones left out; written down from that page. */
const DOCUMENTED_KEYS = [
  "Label UserName GroupName inetdCompatibility LimitLoadToHosts LimitLoadFromHosts LimitLoadToSessionType LimitLoadToHardware",
  "LimitLoadFromHardware Program BundleProgram ProgramArguments EnableGlobbing EnableTransactions EnablePressuredExit KeepAlive",
  "RunAtLoad RootDirectory WorkingDirectory EnvironmentVariables Umask TimeOut ExitTimeOut ThrottleInterval InitGroups WatchPaths",
  "QueueDirectories StartOnMount StartInterval StartCalendarInterval StandardInPath StandardOutPath StandardErrorPath Debug",
  "WaitForDebugger SoftResourceLimits HardResourceLimits Nice ProcessType AbandonProcessGroup LowPriorityIO",
  "LowPriorityBackgroundIO MaterializeDatalessFiles LaunchOnlyOnce MachServices Sockets LaunchEvents SessionCreate LegacyTimers",
  "AssociatedBundleIdentifiers Disabled",
].flatMap((line) => line.split(" "));

/** Runs a checker; where it is not installed the test is left out with a note, but never in CI. */
function check(context: TestContext, command: string, words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const run = spawnSync(command, words, { encoding: "utf8", env: { ...process.env, ...env } });
  if (run.error !== undefined && process.env["CI"] === undefined) context.skip(`${command} is not installed here`);
  if (run.error !== undefined) throw run.error;
  return run;
}

describe("the units that are shipped", () => {
  it.each(SHIPPED)("%s is what the generator writes", (file, text) => {
    const path = join(ROOT, file);
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(path, text);
    expect(readFileSync(path, "utf8")).toBe(text);
  });
});

describe("a systemd unit", () => {
  let folder: string;
  // Node where it is on this machine: a program that is not there is an error to systemd.
  const here: Partial<ServiceSpec> = { node: process.execPath, program: join(ROOT, "bin/cider-fleet.cjs") };
  const variants: readonly (readonly [string, ServiceSpec])[] = [
    ["of the system", { ...LINUX, ...here }],
    [
      "with a group and a port",
      { ...LINUX, ...here, socketGroup: "adm", port: 9480, config: "/etc/cider-fleet/cider-fleet.toml" },
    ],
    ["of an account", { ...LINUX, ...here, scope: "user", dataDir: '/home/ann/100% of $my data/"node"' }],
  ];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "cider-units-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const written = (spec: ServiceSpec): string => {
    const path = join(folder, "cider-fleet.service");
    writeFileSync(path, systemdUnit(spec));
    return path;
  };

  it.for(variants)("%s passes systemd-analyze verify without a word", ([, spec], context) => {
    const manager = spec.scope === "user" ? ["--user"] : [];
    mkdirSync(join(folder, "run"), { recursive: true, mode: 0o700 });
    // It exits 0 on unknown keys, so anything it says is a failure.
    const run = check(context, "systemd-analyze", [...manager, "verify", written(spec)], {
      XDG_RUNTIME_DIR: join(folder, "run"),
    });
    expect(run.stderr).toBe("");
    expect(run.status).toBe(0);
  });

  it("is left with an exposure of at most 2.0, also with a group", (context) => {
    for (const [, spec] of variants.slice(0, 2)) {
      const run = check(context, "systemd-analyze", ["security", "--offline=true", "--threshold=20", written(spec)]);
      expect(run.stderr).toBe("");
      expect(run.status).toBe(0);
      expect(Number(/Overall exposure level for \S+: ([0-9.]+)/.exec(run.stdout)?.[1])).toBeLessThanOrEqual(2);
    }
  });

  it("with a key that systemd does not know is found out by the same check", (context) => {
    const path = written(LINUX);
    writeFileSync(path, readFileSync(path, "utf8").replace("ProtectHome=", "ProtectHomes="));
    expect(check(context, "systemd-analyze", ["verify", path]).stderr).toContain("ProtectHomes");
  });

  it("gives a reason above each setting", () => {
    const lines = systemdUnit({ ...LINUX, socketGroup: "adm" }).split("\n");
    const bare = lines.filter((line, i) => {
      const first = /^[A-Z]\w+=/.test(line) && (lines[i - 1] === "" || lines[i - 1]?.startsWith("[") === true);
      return first && !/^(Description|WantedBy)=/.test(line);
    });
    expect(bare).toEqual([]);
  });

  it("uses the folders and the exit codes of the code", () => {
    expect(unitFolders()).toEqual({ data: systemDataFolder("linux"), run: "/run/cider-fleet" });
    expect(HOPELESS_EXITS).toEqual([EXIT_CODES.USAGE.code, EXIT_CODES.CONFIG.code]);
    expect(systemdUnit(LINUX)).toContain("\nRestartPreventExitStatus=2 78\n");
  });

  it.each(["plain", "with space", 'a "quote"', "back\\slash", "100%", "$HOME"])("keeps the word %s as it is", (word) => {
    expect(systemdCommand(`[Service]\nExecStart=/bin/x ${systemdWord(word)}\n`)).toEqual(["/bin/x", word]);
  });
});

describe("a launchd job", () => {
  const parsed = (context: TestContext, spec: ServiceSpec): Record<string, unknown> => {
    const program = "import json,plistlib,sys; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))";
    const run = spawnSync("python3", ["-c", program], { encoding: "utf8", input: launchdJob(spec) });
    if (run.error !== undefined && process.env["CI"] === undefined) context.skip("python3 is not installed here");
    expect(run.stderr).toBe("");
    return JSON.parse(run.stdout) as Record<string, unknown>;
  };

  it("is a property list of documented keys that runs the node as its account", (context) => {
    const job = parsed(context, MAC);
    expect(Object.keys(job).filter((key) => !DOCUMENTED_KEYS.includes(key))).toEqual([]);
    expect(job).toMatchObject({
      Label: "cider-fleet",
      UserName: "you",
      ProgramArguments: serviceCommand(MAC),
      KeepAlive: { SuccessfulExit: false },
      RunAtLoad: true,
      ExitTimeOut: 20,
      Umask: 0o077,
    });
  });

  it("of an agent names no account", (context) => {
    expect(parsed(context, { ...MAC, scope: "user" })).not.toHaveProperty("UserName");
  });

  it("keeps words that XML has another meaning for", (context) => {
    const dataDir = "/Users/you/A & B <c>";
    const spec = { ...MAC, dataDir };
    expect(parsed(context, spec)["ProgramArguments"]).toContain(dataDir);
    expect(launchdCommand(launchdJob(spec))).toEqual(serviceCommand(spec));
  });

  it("gives a reason above each key", () => {
    const keys = launchdJob(MAC)
      .split("<dict>\n")
      .slice(1)
      .join("")
      .split("\n\n")
      .filter((part) => part.startsWith("\t<"));
    expect(keys.filter((part) => !part.startsWith("\t<!--"))).toEqual([]);
  });
});

describe("an installed unit, read back", () => {
  it.each([
    LINUX,
    { ...LINUX, port: 9480, socketGroup: "adm" },
    { ...LINUX, scope: "user" } as const,
    MAC,
    { ...MAC, scope: "user" } as const,
  ])("is what was installed", (spec) => {
    const { platform, scope, home } = spec;
    const back = specOfUnit(unitText(spec), { platform, scope, home });
    expect(back === undefined ? "" : unitText(back)).toBe(unitText(spec));
  });

  it("is nothing when it starts something else", () => {
    expect(specOfUnit("[Service]\nExecStart=/usr/bin/env cider-fleet up\n", LINUX)).toBeUndefined();
  });
});
