/** The service units are ones their managers accept, and say what the code says. */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it, type TestContext } from "vitest";
import { EXIT_CODES } from "../src/cli/exit-codes.ts";
import { socketPathFor, systemDataFolder } from "../src/host/data-folder.ts";

const ROOT = join(import.meta.dirname, "..");
const SYSTEMD = join(ROOT, "systemd/cider-fleet.service");
const LAUNCHD = join(ROOT, "launchd/cider-fleet.plist");

/** Runs a checker; where it is not installed the test is left out with a note, but never in CI. */
function check(context: TestContext, command: string, ...words: readonly string[]) {
  const run = spawnSync(command, words, { encoding: "utf8" });
  if (run.error !== undefined && process.env["CI"] === undefined) context.skip(`${command} is not installed here`);
  if (run.error !== undefined) throw run.error;
  return run;
}

describe("the systemd unit", () => {
  const unit = readFileSync(SYSTEMD, "utf8");

  it("passes systemd-analyze verify without a word", (context) => {
    // It exits 0 on unknown keys, so anything it says is a failure.
    const run = check(context, "systemd-analyze", "verify", SYSTEMD);
    expect(run.stderr).toBe("");
    expect(run.status).toBe(0);
  });

  it("is left with little exposure", (context) => {
    const run = check(context, "systemd-analyze", "security", "--offline=true", "--threshold=20", SYSTEMD);
    expect(run.stderr).toBe("");
    expect(run.status).toBe(0);
  });

  it("gives a reason above each setting", () => {
    const lines = unit.split("\n");
    const bare = lines.filter((line, i) => {
      const first = /^[A-Z]\w+=/.test(line) && (lines[i - 1] === "" || lines[i - 1]?.startsWith("[") === true);
      return first && !/^(Description|Documentation|WantedBy)=/.test(line);
    });
    expect(bare).toEqual([]);
  });

  it("uses the folders and the exit code of the code", () => {
    expect(unit).toContain(`--data-dir ${systemDataFolder("linux")}\n`);
    expect(`/var/lib/${/^StateDirectory=(.*)$/m.exec(unit)?.[1]}`).toBe(systemDataFolder("linux"));
    expect(`/run/${/^RuntimeDirectory=(.*)$/m.exec(unit)?.[1]}`).toBe(dirname(socketPathFor(systemDataFolder("linux"), "linux")));
    expect(unit).toContain(`\nRestartPreventExitStatus=${EXIT_CODES.CONFIG.code}\n`);
  });
});

describe("the launchd job", () => {
  it("is a property list that runs `cider-fleet up`", (context) => {
    const run = check(
      context,
      "python3",
      "-c",
      "import json,plistlib,sys; print(json.dumps(plistlib.load(open(sys.argv[1],'rb'))))",
      LAUNCHD,
    );
    expect(run.stderr).toBe("");
    expect(JSON.parse(run.stdout)).toMatchObject({
      Label: "cider-fleet",
      ProgramArguments: ["/usr/bin/env", "cider-fleet", "up"],
      Umask: 0o077,
      RunAtLoad: true,
    });
  });

  it("gives a reason above each key", () => {
    const keys = readFileSync(LAUNCHD, "utf8")
      .split("\n\n")
      .filter((part) => /^\t<key>|^\t<!--/.test(part));
    expect(keys.filter((part) => !part.startsWith("\t<!--"))).toEqual([]);
  });
});
