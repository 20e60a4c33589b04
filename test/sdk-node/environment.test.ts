import { describe, expect, it } from "vitest";
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
