/** What an installation would do, held to golden files: UPDATE_GOLDEN=1 writes them anew. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Flags } from "../../src/cli/flags.ts";
import { type InstallRequest, planInstall } from "../../src/cli/service/plan.ts";
import { requireRights, type Surroundings } from "../../src/cli/service/surroundings.ts";
import type { ServicePlatform } from "../../src/host/service/spec.ts";
import { describeStep } from "../../src/host/service/steps.ts";
import { Machine, REQUEST } from "./machine.ts";

const GOLDEN = join(import.meta.dirname, "golden");

function expectGolden(name: string, text: string): void {
  const path = join(GOLDEN, `${name}.txt`);
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(path, text);
  expect(text).toBe(readFileSync(path, "utf8"));
}

interface Case {
  readonly name: string;
  readonly platform: ServicePlatform;
  readonly uid: number;
  readonly request?: Partial<InstallRequest>;
  readonly overrides?: Partial<Surroundings>;
  readonly prepare?: (machine: Machine) => void;
}

const TRIED = { linux: "/home/ann/.local/state/cider-fleet", darwin: "/Users/ann/Library/Application Support/cider-fleet" };

const CASES: readonly Case[] = [
  { name: "linux-root-new", platform: "linux", uid: 0, overrides: { person: undefined } },
  {
    name: "linux-root-takes-over",
    platform: "linux",
    uid: 0,
    request: { socketGroup: "operators", port: 9480 },
    prepare: (machine) => {
      machine.addNode(TRIED.linux, 2);
      machine.write("/home/ann/.config/cider-fleet/cider-fleet.toml", 'name = "studio"\n');
    },
  },
  {
    name: "linux-user",
    platform: "linux",
    uid: 501,
    request: { scope: "user", linger: true },
    overrides: {
      node: "/home/ann/.nvm/versions/node/v22.1.0/bin/node",
      script: "/home/ann/.npm/_npx/0123/node_modules/cider-fleet/bin/cider-fleet.cjs",
    },
    prepare: (machine) => machine.addNode(TRIED.linux, 1),
  },
  {
    name: "macos-root",
    platform: "darwin",
    uid: 0,
    overrides: {
      node: "/opt/homebrew/Cellar/node@22/22.11.0/bin/node",
      script: "/opt/homebrew/Cellar/cider-fleet/1.2.3/libexec/bin/cider-fleet.cjs",
    },
    prepare: (machine) => machine.addNode(TRIED.darwin, 1),
  },
  { name: "macos-user", platform: "darwin", uid: 501, request: { scope: "user" } },
  {
    name: "macos-root-again",
    platform: "darwin",
    uid: 0,
    prepare: (machine) => {
      machine.addNode(TRIED.darwin, 1);
      machine.write("/Library/LaunchDaemons/cider-fleet.plist", "an old one");
    },
  },
];

describe("the steps of an installation", () => {
  it.each(CASES)("$name", ({ name, overrides, platform, prepare, request, uid }) => {
    const machine = new Machine(platform, uid, overrides);
    prepare?.(machine);
    // macOS looks at who owns the folder; here that is whoever runs the tests.
    const { person } = machine.surroundings;
    const own = person === undefined ? undefined : { ...person, uid: process.getuid?.() ?? 0 };
    const surroundings = platform === "darwin" && uid === 0 ? { ...machine.surroundings, person: own } : machine.surroundings;
    const plan = planInstall(surroundings, { ...REQUEST, ...request });
    const steps = [...plan.stop, ...plan.change, ...plan.start].map(describeStep);
    expectGolden(name, `${[...plan.notices.map((notice) => `# ${notice}`), ...steps].join("\n")}\n`);
  });

  it("name no secret, no search path, and nothing that passes with an upgrade", () => {
    for (const { name } of CASES) {
      const text = readFileSync(join(GOLDEN, `${name}.txt`), "utf8");
      expect(text).not.toMatch(/csk_|PATH=|<key>PATH|\.nvm\/.*ExecStart|\/Cellar\/|_npx.*up /);
    }
  });
});

describe("what cannot be installed", () => {
  const refused = (machine: Machine, request: Partial<InstallRequest> = {}) => {
    expect.assertions(1);
    try {
      planInstall(machine.surroundings, { ...REQUEST, ...request });
    } catch (error) {
      return expect(error instanceof Error ? error.message : "");
    }
    throw new Error("it was not refused");
  };

  it("a second identity beside one that others trust, both folders named", () => {
    const machine = new Machine("linux", 0);
    machine.addNode(TRIED.linux, 1);
    machine.addNode("/var/lib/cider-fleet", 1);
    refused(machine).toMatch(/in \/var\/lib\/cider-fleet and \/home\/ann\/.local\/state\/cider-fleet; .*--data-dir.*--fresh/);
  });

  it("root's node on a Mac without a person", () => {
    refused(new Machine("darwin", 0, { person: undefined })).toMatch(/root cannot run macOS guests/);
  });

  it("a Node that only a version manager has", () => {
    const node = "/home/ann/.nvm/versions/node/v22.1.0/bin/node";
    const machine = new Machine("linux", 0, {
      node,
      facts: { exists: (path) => path === node, real: (path) => path, versionIn: () => undefined },
    });
    refused(machine).toMatch(/is a path of nvm, which the next upgrade removes, and this machine has no other Node/);
  });

  it("a folder without a node", () => {
    refused(new Machine("linux", 0), { dataDir: "/srv/nothing" }).toBe("there is no node in /srv/nothing");
  });

  it("a group on a node that runs as a person", () => {
    refused(new Machine("darwin", 0), { socketGroup: "staff" }).toMatch(
      /--socket-group is for a service with an account of its own/,
    );
  });
});

describe("whose service it is", () => {
  const system = { platform: "linux", scope: "system", home: "/" } as const;
  const call = { flags: new Flags({}) };

  it("is root's to change when it is the system's; the command to type is told", () => {
    const { surroundings } = new Machine("linux", 501);
    expect(() => requireRights(surroundings, system, call)).toThrow(
      expect.objectContaining({
        exit: "REFUSED",
        remedy: expect.stringMatching(/^run: sudo \/usr\/local\/bin\/node \S+ .*--user$/) as string,
      }),
    );
    expect(() => requireRights(surroundings, system, { flags: new Flags({ "dry-run": true }) })).not.toThrow();
    expect(() => requireRights(new Machine("linux", 0).surroundings, system, call)).not.toThrow();
  });

  it("is not root's when it is an account's own", () => {
    expect(() => requireRights(new Machine("linux", 0).surroundings, { ...system, scope: "user" }, call)).toThrow(
      /by that account/,
    );
  });
});

describe("which node becomes the service", () => {
  const adopted = (machine: Machine, request: Partial<InstallRequest> = {}) =>
    planInstall(machine.surroundings, { ...REQUEST, ...request }).adoption;

  it("is the one that others trust; a stranger in its way is kept aside", () => {
    const machine = new Machine("linux", 0);
    machine.addNode(TRIED.linux, 1);
    machine.addNode("/var/lib/cider-fleet", 0);
    expect(adopted(machine)).toEqual({ dataDir: "/var/lib/cider-fleet", from: TRIED.linux, aside: true, identity: "taken over" });
  });

  it("is the service's own when it is installed again", () => {
    const machine = new Machine("linux", 0);
    machine.addNode("/var/lib/cider-fleet", 3);
    expect(adopted(machine)).toEqual({ dataDir: "/var/lib/cider-fleet", identity: "taken over" });
  });

  it("is a new one when that is asked for, and nothing is lost", () => {
    const machine = new Machine("linux", 0);
    machine.addNode(TRIED.linux, 1);
    machine.addNode("/var/lib/cider-fleet", 1);
    expect(adopted(machine, { fresh: true })).toEqual({ dataDir: "/var/lib/cider-fleet", identity: "new", aside: true });
  });

  it("is the one that was named", () => {
    const machine = new Machine("linux", 0);
    machine.addNode(TRIED.linux, 1);
    machine.addNode("/srv/node", 1);
    expect(adopted(machine, { dataDir: "/srv/node" })).toMatchObject({ from: "/srv/node" });
  });

  it("stays where it is when it goes on running as its owner", () => {
    const machine = new Machine("linux", 501);
    machine.addNode(TRIED.linux, 1);
    expect(adopted(machine, { scope: "user" })).toEqual({ dataDir: TRIED.linux, identity: "taken over" });
  });
});
