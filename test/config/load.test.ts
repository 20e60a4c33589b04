import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ConfigSources, defaultConfigFile, loadConfig, resolveConfig } from "../../src/config/load.ts";
import { FleetError } from "../../src/foundation/errors.ts";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cider-config-"));
  file = join(folder, "cider-fleet.toml");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Loads as an ordinary account on Linux would, with nothing but what is given. */
function load(sources: ConfigSources = {}) {
  return loadConfig({ env: {}, platform: "linux", uid: 1000, home: folder, ...sources });
}

function loadText(text: string, sources: ConfigSources = {}) {
  writeFileSync(file, text);
  return load({ file, ...sources });
}

/** Returns the message of the CONFIG_INVALID that `action` throws. */
function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof FleetError && error.code === "CONFIG_INVALID") return error.message;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("settings", () => {
  it("have defaults", () => {
    expect(load()).toEqual({
      port: 9473,
      listen: ["::"],
      dataDir: join(folder, ".local/state/cider-fleet"),
      plaintext: "loopback",
      hostNames: [],
      origins: [],
      discovery: "on",
      discoveryInterfaces: { allow: [], deny: [] },
      record: { maxAge: "never", maxSize: "never" },
      tokens: { defaultExpiry: "90d", maxExpiry: "never", selfRotation: false, bearerLife: "10m" },
      logLevel: "info",
    });
  });

  it("come from defaults, file, environment and flags, the later before the earlier", () => {
    const text = 'port = 1\nname = "file"\nlogLevel = "warn"\n';
    const env = { CIDER_PORT: "2", CIDER_NAME: "environment" };
    writeFileSync(file, text);
    const { config, origins } = resolveConfig({ file, env, flags: { port: "3" }, platform: "linux", uid: 1000, home: folder });
    expect(config).toMatchObject({ port: 3, name: "environment", logLevel: "warn", plaintext: "loopback" });
    expect(Object.fromEntries(origins)).toMatchObject({
      port: "flag",
      name: "environment",
      logLevel: "file",
      plaintext: "default",
    });
  });

  it("are read from every part of the file", () => {
    const text = `name = "Studio ☕"\nlisten = ["127.0.0.1", "::1"]\ndataDir = "/srv/cider"\nplaintext = "never"
hostNames = ["Studio.Example.org"]\norigins = ["https://dash.example.org:8443"]\n[tokens]\ndefaultExpiry = "never"\n`;
    expect(loadText(text)).toMatchObject({
      name: "Studio ☕",
      listen: ["127.0.0.1", "::1"],
      dataDir: "/srv/cider",
      plaintext: "never",
      hostNames: ["studio.example.org"],
      origins: ["https://dash.example.org:8443"],
      tokens: { defaultExpiry: "never" },
    });
  });

  it("take lists from the environment by commas, and from repeated flags as they are", () => {
    const env = { CIDER_LISTEN: "127.0.0.1, ::1", CIDER_TOKENS_DEFAULT_EXPIRY: "30d" };
    expect(load({ env })).toMatchObject({ listen: ["127.0.0.1", "::1"], tokens: { defaultExpiry: "30d" } });
    expect(load({ env, flags: { listen: ["::"] } }).listen).toEqual(["::"]);
  });

  it("resolve a folder that was typed, and take an empty variable for none", () => {
    expect(load({ flags: { "data-dir": "here" } }).dataDir).toBe(join(process.cwd(), "here"));
    expect(load({ env: { CIDER_DATA_DIR: "", CIDER_PORT: "" } }).port).toBe(9473);
  });

  it("keep flags that are no settings to themselves", () => {
    expect(load({ flags: { json: true, config: file } }).port).toBe(9473);
  });
});

describe("the file", () => {
  it("may be missing where nobody named it, and is then no file", () => {
    expect(resolveConfig({ env: {}, platform: "linux", uid: 1000, home: folder }).file).toBeUndefined();
  });

  it("is refused when it was named and is missing", () => {
    expect(refusal(() => load({ file }))).toBe(`the configuration ${file} cannot be read: there is no such file`);
    expect(refusal(() => load({ env: { CIDER_CONFIG: file } }))).toContain("there is no such file");
    expect(refusal(() => load({ file: folder }))).toContain("cannot be read");
  });

  it.each([
    [{}, "linux", 0, "/etc/cider-fleet/cider-fleet.toml"],
    [{}, "linux", 1000, "/home/ada/.config/cider-fleet/cider-fleet.toml"],
    [{ XDG_CONFIG_HOME: "/conf" }, "linux", 1000, "/conf/cider-fleet/cider-fleet.toml"],
    [{ XDG_CONFIG_HOME: "relative" }, "linux", 1000, "/home/ada/.config/cider-fleet/cider-fleet.toml"],
    [{}, "darwin", 0, "/Library/Application Support/cider-fleet/cider-fleet.toml"],
    [{}, "darwin", 501, "/home/ada/Library/Application Support/cider-fleet/cider-fleet.toml"],
  ] as const)("has a default place: %o on %s as uid %i", (env, platform, uid, place) => {
    expect(defaultConfigFile(env, platform, uid, "/home/ada")).toBe(place);
  });
});

describe("a mistake", () => {
  it.each([
    ["an unknown key", "port = 9473\nprot = 1\n", "2:1: there is no setting prot; did you mean port?"],
    ["another spelling", "data_dir = '/x'\n", "1:1: there is no setting data_dir; did you mean dataDir?"],
    [
      "a key without its table",
      'defaultExpiry = "1y"\n',
      "1:1: there is no setting defaultExpiry; did you mean tokens.defaultExpiry?",
    ],
    [
      "an unknown key in a table",
      '\n[tokens]\n  defaultExpry = "1y"\n',
      "3:3: there is no setting tokens.defaultExpry; did you mean tokens.defaultExpiry?",
    ],
    ["a dotted unknown key", 'tokens.expiry = "1y"\n', "1:8: there is no setting tokens.expiry; settings are name, port,"],
    ["an unknown key in an inline table", 'tokens = { defaultExpiry = "1y", x = 1 }\n', "1:34: there is no setting tokens.x;"],
    ["an unknown table", "# text\n[server]\nport = 1\n", "2:2: there is no setting server; settings are name, port,"],
    ["an unknown key after a list over lines", 'listen = [\n  "::", # all\n]\n\nlog = "x"\n', "5:1: there is no setting log;"],
    ["a key that is part of another", 'hostNames = []\nhost = "x"\n', "2:1: there is no setting host;"],
    ["a wrong type", 'name = "x"\nport = "9473"\n', "2:1: port must be a whole number from 0 to 65535"],
    ["a number out of range", "port = 65536\n", "1:1: port must be a whole number"],
    ["a word that is none", 'plaintext = "always"\n', "1:1: plaintext must be one of loopback, lan, never"],
    ["an item of a list", 'listen = ["::", "localhost"]\n', "1:1: listen must be an IP address"],
    ["an empty list of addresses", "listen = []\n", "1:1: listen must name at least one address"],
    ["text where a list belongs", 'hostNames = "a"\n', "1:1: hostNames must be a list"],
    ["an address as a host name", 'hostNames = ["10.0.0.1"]\n', "1:1: hostNames must be a host name"],
    ["a wildcard host name", 'hostNames = ["*.example.org"]\n', "1:1: hostNames must be a host name"],
    ["an origin with a path", 'origins = ["https://a.example/"]\n', "1:1: origins must be an origin"],
    ["a folder that depends on where one stands", 'dataDir = "data"\n', "1:1: dataDir must be an absolute path"],
    ["a duration that is none", 'tokens.defaultExpiry = "soon"\n', "1:8: tokens.defaultExpiry must be"],
    ["a value where a table belongs", "tokens = 3\n", "1:1: tokens must be a table"],
    ["an empty name", 'name = ""\n', "1:1: name must be 1 to 64 bytes"],
    ["a long name", `name = "${"ü".repeat(33)}"\n`, "1:1: name must be 1 to 64 bytes"],
    ["no TOML", "port = 9473\nname = = 1\n", "2:8: invalid value"],
    ["a key given twice", "port = 1\nport = 2\n", "2:1: trying to redefine"],
  ])("is named with its place: %s", (_, text, expected) => {
    expect(refusal(() => loadText(text))).toContain(`${file}:${expected}`);
  });

  it("in the environment is named by its variable", () => {
    expect(refusal(() => load({ env: { CIDER_PORT: "http" } }))).toBe(
      "CIDER_PORT must be a whole number from 0 to 65535 (0: any free port)",
    );
    expect(refusal(() => load({ env: { CIDER_PORT: "-1" } }))).toContain("CIDER_PORT must be");
    expect(refusal(() => load({ env: { CIDER_LISTEN: "::,," } }))).toContain("CIDER_LISTEN must be an IP address");
  });

  it("in a flag is named by its option", () => {
    expect(refusal(() => load({ flags: { "log-level": "loud" } }))).toBe("--log-level must be one of debug, info, warn, error");
  });

  it("is found although something stronger decides", () => {
    expect(refusal(() => load({ env: { CIDER_PORT: "http" }, flags: { port: "1" } }))).toContain("CIDER_PORT");
  });

  it("carries file, line, column and key for programs", () => {
    writeFileSync(file, "\nprot = 1\n");
    expect(() => load({ file })).toThrow(expect.objectContaining({ details: { file, line: 2, column: 1, key: "prot" } }));
  });
});
