import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { configFolder } from "../../src/sdk-node/config-folder.ts";
import { accessOfEnvironment, accessOfUrl } from "../../src/sdk-node/environment.ts";
import { refusal } from "../foundation/refusal.ts";

const TOKEN = "csk_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0iL2CB5HI";
const NODE_ID = "5a07a723-c795-8830-ae2e-6be0ef71b399";
const URL_TEXT = `cider-fleet://${TOKEN}@studio.local:9000?n=${NODE_ID}`;
const whole = { host: "studio.local", port: 9000, apiToken: TOKEN, responderNodeId: NODE_ID };

describe("access from the environment", () => {
  it("is one URL, with the node id as pin", () => {
    expect(accessOfUrl(URL_TEXT)).toEqual(whole);
    expect(accessOfEnvironment({ CIDER_FLEET_URL: ` ${URL_TEXT}\n`, CIDER_FLEET_HOST: "other" })).toEqual(whole);
    expect(accessOfUrl(`cider-fleet://${TOKEN}@[::1]`)).toEqual({ host: "::1", port: 9473, apiToken: TOKEN });
  });

  it("is its parts", () => {
    const parts = { CIDER_FLEET_URL: "", CIDER_FLEET_HOST: "studio.local", CIDER_FLEET_TOKEN: TOKEN };
    expect(accessOfEnvironment(parts)).toEqual({ host: "studio.local", apiToken: TOKEN });
    expect(accessOfEnvironment({ ...parts, CIDER_FLEET_PORT: "9000", CIDER_FLEET_NODE_ID: NODE_ID })).toEqual(whole);
  });

  it.each([
    ["nothing", {}, "INVALID_OPTIONS"],
    ["a host alone", { CIDER_FLEET_HOST: "studio.local" }, "INVALID_OPTIONS"],
    ["a token alone", { CIDER_FLEET_TOKEN: TOKEN }, "INVALID_OPTIONS"],
    [
      "a node id that is none",
      { CIDER_FLEET_HOST: "h", CIDER_FLEET_TOKEN: TOKEN, CIDER_FLEET_NODE_ID: "studio" },
      "INVALID_OPTIONS",
    ],
    ["a URL with a cut token", { CIDER_FLEET_URL: URL_TEXT.replace("2CB5HI", "2CB5H") }, "LINK_INVALID"],
    ["a web address", { CIDER_FLEET_URL: "https://studio.local:9473" }, "LINK_INVALID"],
  ])("refuses %s without repeating a secret", (_, env, code) => {
    const error = refusal(() => accessOfEnvironment(env));
    expect(error.code).toBe(code);
    expect(JSON.stringify(error) + error.message).not.toContain("aB3dE6gH9");
  });
});

describe("access from a file", () => {
  function fileOfTest(text: string, mode = 0o600): string {
    const folder = mkdtempSync(join(tmpdir(), "cider-url-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, "the node's url");
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  }
  const refusalOf = (path: string) => refusal(() => accessOfEnvironment({ CIDER_FLEET_URL_FILE: path }));

  it.each([0o600, 0o400])("is the URL in it, when its mode is %o", (mode) => {
    const path = fileOfTest(`${URL_TEXT}\n`, mode);
    expect(accessOfEnvironment({ CIDER_FLEET_URL_FILE: path, CIDER_FLEET_HOST: "other" })).toEqual(whole);
    const [plain] = URL_TEXT.split("?");
    expect(accessOfEnvironment({ CIDER_FLEET_URL_FILE: path, CIDER_FLEET_URL: plain })).not.toHaveProperty("responderNodeId");
  });

  it.each([0o640, 0o604, 0o620])("is refused when others may use it, with the command that mends it: %o", (mode) => {
    const path = fileOfTest(URL_TEXT, mode);
    const error = refusalOf(path);
    expect(error.code).toBe("INVALID_OPTIONS");
    const command = /run: (.*)$/.exec(error.message)?.[1] ?? "";
    execFileSync("sh", ["-c", command]);
    expect(accessOfEnvironment({ CIDER_FLEET_URL_FILE: path })).toEqual(whole);
  });

  it("is refused when it is somebody else's", () => {
    const path = fileOfTest(URL_TEXT);
    if (process.getuid?.() === 0) chownSync(path, 54321, 54321);
    vi.spyOn(process, "geteuid").mockReturnValue(12345);
    expect(refusalOf(path).message).toMatch(/belongs to uid \d+, this is uid 12345$/);
  });

  it("may be root's where this account can read it", () => {
    const path = fileOfTest(URL_TEXT);
    const own = process.getuid?.() ?? 0;
    vi.spyOn(process, "geteuid").mockReturnValue(own === 0 ? 12345 : own);
    expect(accessOfEnvironment({ CIDER_FLEET_URL_FILE: path })).toEqual(whole);
  });

  it("is refused when it is missing, a folder, a pipe, or cut short, without repeating a secret", () => {
    const path = fileOfTest(URL_TEXT.replace("2CB5HI", "2CB5H"));
    const pipe = `${path}.pipe`;
    execFileSync("mkfifo", ["-m", "600", pipe]);
    expect(refusalOf(`${path}.none`).message).toMatch(/CIDER_FLEET_URL_FILE: ENOENT/);
    expect([tmpdir(), pipe].map((other) => refusalOf(other).message)).toEqual([
      `CIDER_FLEET_URL_FILE: ${tmpdir()} is no file`,
      `CIDER_FLEET_URL_FILE: ${pipe} is no file`,
    ]);
    const cut = refusalOf(path);
    expect(cut.code).toBe("LINK_INVALID");
    expect(JSON.stringify(cut) + cut.message).not.toContain("aB3dE6gH9");
  });
});

describe("configFolder", () => {
  const home = "/home/mia";

  it.each([
    ["linux", {}, "/home/mia/.config/cider-fleet"],
    ["linux", { XDG_CONFIG_HOME: "/cfg" }, "/cfg/cider-fleet"],
    ["linux", { XDG_CONFIG_HOME: "relative" }, "/home/mia/.config/cider-fleet"],
    ["darwin", { XDG_CONFIG_HOME: "/cfg" }, "/home/mia/Library/Application Support/cider-fleet-client"],
    ["linux", { CIDER_CONFIG_DIR: "/mine", XDG_CONFIG_HOME: "/cfg" }, "/mine"],
    ["darwin", { CIDER_CONFIG_DIR: "/mine" }, "/mine"],
    ["linux", { CIDER_CONFIG_DIR: "" }, "/home/mia/.config/cider-fleet"],
  ] as const)("on %s with %j is %s", (platform, env, folder) => {
    expect(configFolder(env, platform, home)).toBe(folder);
  });
});
