/** The table of commands against what it must agree with: files, settings, documents. */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { optionsOf } from "../../src/cli/command.ts";
import { COMMANDS, commandNamed, GROUPS } from "../../src/cli/commands.ts";
import { configSchema, SETTINGS } from "../../src/config/schema.ts";
import { ROOT, run } from "./doubles.ts";
import { reference } from "./reference.ts";

const DOCUMENT = join(ROOT, "docs/cli.md");
const BEGIN = "<!-- reference: written from the table of commands by UPDATE_DOCS=1 npx vitest run test/cli -->\n";

describe("the table of commands", () => {
  it("has one file for each command", () => {
    const files = readdirSync(join(ROOT, "src/cli/commands")).sort();
    expect(files).toEqual(COMMANDS.map(({ name }) => `${name.replace(" ", "-")}.ts`).sort());
  });

  it.each(COMMANDS.map(({ name }) => name))("%s can be loaded and has help that names its options", async (name) => {
    const entry = commandNamed(name);
    expect(typeof (await entry?.load())?.run).toBe("function");
    const { code, out, err } = await run(...name.split(" "), "--help");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out.replace(/\s+/g, " ")).toContain(entry?.summary);
    for (const option of entry === undefined ? [] : optionsOf(entry)) expect(out).toContain(`--${option.name}`);
    for (const example of entry?.examples ?? []) expect(out).toContain(example);
  });

  it("names each group", () => {
    const groups = COMMANDS.filter(({ name }) => name.includes(" ")).map(({ name }) => name.split(" ")[0]);
    expect([...new Set(groups)].sort()).toEqual(Object.keys(GROUPS).sort());
  });

  it("gives up the options of every setting that has one, with the values the schema takes", () => {
    const options = new Map((commandNamed("up")?.options ?? []).map((option) => [option.name, option]));
    for (const { flag, form, path } of SETTINGS) {
      if (flag === undefined) continue;
      expect(options.has(flag), flag).toBe(true);
      expect(options.get(flag)?.many === true, flag).toBe(form === "list");
      for (const choice of options.get(flag)?.choices ?? []) {
        expect(configSchema.safeParse({ [path[0] ?? ""]: choice }).success, `${flag} ${choice}`).toBe(true);
      }
    }
  });

  it("is what docs/cli.md says", () => {
    const text = readFileSync(DOCUMENT, "utf8");
    const start = text.indexOf(BEGIN) + BEGIN.length;
    expect(start).toBeGreaterThan(BEGIN.length);
    if (process.env["UPDATE_DOCS"] === "1") writeFileSync(DOCUMENT, text.slice(0, start) + reference());
    else expect(text.slice(start)).toBe(reference());
  });
});

describe("a command line", () => {
  it("without a command is refused, with help on stderr", async () => {
    const { code, out, err } = await run();
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain("Usage: cider fleet");
    expect(err).toContain("cider: error: which command?");
  });

  it("with --help is answered on stdout", async () => {
    const { code, out, err } = await run("--help");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    for (const word of ["up", "status", "pair", "join", "peers", "token", "cert", "config", "completion", "version"])
      expect(out).toContain(word);
    expect((await run("help", "pair")).out).toContain("--link");
  });

  it.each([
    [["tken"], "unknown command 'tken'", "did you mean token?"],
    [["status", "--jsn"], "unknown option '--jsn'", "did you mean --json?"],
    [["token", "generate"], "required option '--name <name>' not specified", 'see "cider fleet token generate --help"'],
    [["token"], "which command?", 'see "cider fleet token --help"'],
    [["audit", "lst"], '"lst" is one word too many', 'see "cider fleet audit --help"'],
    [["token", "generate", "--name", "a", "b"], '"b" is one word too many', 'see "cider fleet token generate --help"'],
    [["restore", "/nowhere/node.backup"], "there is no file /nowhere/node.backup", ""],
    [["join", "127.0.0.1", "12"], "a pairing code has 6 digits", 'see "cider fleet join --help"'],
    [["token", "delete"], "missing required argument 'token'", "--help"],
    [["token", "revoke"], "name one token, or say which", "cider fleet token list"],
    [["token", "revoke", "ci", "--all"], "name one token, or say which", "not both"],
    [["pair", "--role", "boss"], "argument 'boss' is invalid", "--help"],
    [["pair", "--seconds", "5"], "--seconds must be a whole number from 30 to 600", ""],
    [["pair", "--for", "04ab"], "--for takes a public key", "publicKeyHex"],
    [["status", "--host", "a", "--data-dir", "b"], "--host and --data-dir name two nodes", ""],
    [["token", "generate", "--name", "x", "--permissions", "custom"], "needs at least one --scope", ""],
    [["token", "generate", "--name", "x", "--permissions", "readOnly", "--scope", "files:read"], "--scope does not go with", ""],
    [["completion", "tcsh"], "'tcsh' is invalid for argument 'shell'", ""],
  ])("%j is refused in our form", async (words, message, remedy) => {
    const { code, out, err } = await run(...words);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain("cider: error: ");
    expect(err).toContain(message);
    expect(err).toContain(remedy);
    expect(err).not.toContain("error: error:");
  });

  it("asks for the version in three ways, and once as JSON", async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
    for (const words of [["version"], ["--version"], ["-V"]])
      expect(await run(...words)).toEqual({ code: 0, out: `cider-fleet ${version}\n`, err: "" });
    expect(JSON.parse((await run("version", "--json")).out)).toMatchObject({ name: "cider-fleet", version });
  });
});
