/** Completion as the shells do it: bash is on every machine that runs these tests; zsh and fish are asked where they are. */

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { optionsOf } from "../../src/cli/command.ts";
import { COMMANDS, GROUPS } from "../../src/cli/commands.ts";
import { bashScript } from "../../src/cli/completion/bash.ts";
import { fishScript } from "../../src/cli/completion/fish.ts";
import { zshScript } from "../../src/cli/completion/zsh.ts";

const TABLE = { commands: COMMANDS, groups: GROUPS };
const SCRIPTS = { bash: bashScript(TABLE), zsh: zshScript(TABLE), fish: fishScript(TABLE) };

let folder: string;
const script = (shell: string) => join(folder, `completion.${shell}`);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cider-completion-"));
  for (const [shell, text] of Object.entries(SCRIPTS)) writeFileSync(script(shell), text);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Returns what bash offers after these words, the last of which is being typed. */
function offered(...words: readonly string[]): readonly string[] {
  const program = `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _cider_fleet; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync("bash", ["-c", program, script("bash"), ...words], { encoding: "utf8" })
    .split("\n")
    .filter(Boolean);
}

describe("completion in bash", () => {
  it("knows the word behind cider", () => {
    expect(offered("cider", "")).toEqual(["fleet"]);
    expect(offered("cider-fleet", "st")).toEqual(["status"]);
    expect(offered("cider", "fleet", "st")).toEqual(["status"]);
  });

  it("offers every command and every option of the table", () => {
    for (const entry of COMMANDS) {
      const words = entry.name.split(" ");
      expect(offered("cider-fleet", ...words), entry.name).toEqual([words.at(-1)]);
      const options = optionsOf(entry).map(({ name }) => `--${name}`);
      expect(offered("cider", "fleet", ...words, "--"), entry.name).toEqual(options);
    }
  });

  it("offers the values an option takes, also behind other options", () => {
    expect(offered("cider", "fleet", "token", "generate", "--name", "ci", "--permissions", "")).toEqual([
      "readOnly",
      "fullAccess",
      "custom",
    ]);
    expect(offered("cider-fleet", "pair", "--role", "op")).toEqual(["operator"]);
    expect(offered("cider-fleet", "completion", "")).toEqual(["bash", "zsh", "fish"]);
  });

  it("offers nothing where it knows nothing", () => {
    expect(offered("cider-fleet", "token", "generate", "--name", "")).toEqual([]);
    expect(offered("cider-fleet", "nonsense-")).toEqual([]);
  });
});

describe("completion in zsh and fish", () => {
  it.each(["zsh", "fish"])("is a script that %s can read, where it is installed", (shell) => {
    const { error, status, stderr } = spawnSync(shell, ["-n", script(shell)], { encoding: "utf8" });
    if (error !== undefined) expect((error as NodeJS.ErrnoException).code).toBe("ENOENT");
    else expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  it("holds every command, every option and every summary, quoted", () => {
    for (const shell of ["zsh", "fish"] as const) {
      const text = SCRIPTS[shell];
      for (const entry of COMMANDS) {
        expect(text).toContain(entry.summary.replaceAll("'", "'\\''"));
        for (const { name } of optionsOf(entry)) expect(text).toMatch(new RegExp(`(--|-l )${name}\\b`));
      }
    }
  });
});
