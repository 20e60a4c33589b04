/** Which unit the doctor holds a node against: the one that starts its folder, and no other. */

import { describe, expect, it } from "vitest";
import { driftFor } from "../../src/cli/doctor-local.ts";
import type { ServiceSpec } from "../../src/host/service/spec.ts";
import { unitPath } from "../../src/host/service/spec.ts";
import { unitText } from "../../src/host/service/unit.ts";
import { Machine } from "../service/machine.ts";

const SPEC: ServiceSpec = {
  platform: "linux",
  scope: "system",
  home: "/var/lib/cider-fleet",
  account: "cider-fleet",
  node: "/usr/bin/node",
  program: "/usr/lib/node_modules/cider-fleet/bin/cider-fleet.cjs",
  dataDir: "/var/lib/cider-fleet",
};

function machineWith(unit: ServiceSpec | undefined, gone: readonly string[] = []): Machine {
  const machine = new Machine("linux", 0);
  if (unit !== undefined) machine.write(unitPath(unit), unitText(unit));
  const { facts } = machine.surroundings;
  Object.assign(machine.surroundings, {
    facts: { ...facts, exists: (path: string) => !gone.includes(path), versionIn: () => "1.2.3" },
  });
  return machine;
}

describe("the unit of a node", () => {
  it("that is as this version writes it has no drift", () => {
    expect(driftFor(SPEC.dataDir, machineWith(SPEC).surroundings)).toEqual([]);
  });

  it("whose Node vanished is reported", () => {
    const drift = driftFor(SPEC.dataDir, machineWith(SPEC, [SPEC.node]).surroundings);
    expect(drift?.map(({ what }) => what)).toEqual(["Node is gone: /usr/bin/node"]);
  });

  it("that does not start this program is reported", () => {
    const machine = machineWith(undefined);
    machine.write(unitPath(SPEC), "[Service]\nExecStart=/bin/true\n");
    expect(driftFor(SPEC.dataDir, machine.surroundings)?.map(({ what }) => what)).toEqual([
      "the unit does not start this program",
    ]);
  });

  it("is none of another folder's, and none where nothing is installed", () => {
    expect(driftFor("/home/ann/second", machineWith(SPEC, [SPEC.node]).surroundings)).toBeUndefined();
    expect(driftFor(SPEC.dataDir, machineWith(undefined).surroundings)).toBeUndefined();
  });
});
