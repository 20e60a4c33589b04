/** docs/doctor.md says what the table of findings says, both ways. */

import { describe, expect, it } from "vitest";
import { FINDINGS, ill } from "../../src/foundation/findings.ts";
import { FOLDER_PROBES } from "../../src/host/doctor/folder.ts";
import { MACHINE_PROBES } from "../../src/host/doctor/machine.ts";
import { SURROUNDINGS_PROBES } from "../../src/host/doctor/surroundings.ts";
import { NETWORK_PROBES } from "../../src/operations/doctor-network.ts";
import { RECORD_PROBES } from "../../src/operations/doctor-record.ts";
import { documentText, rowsUnder } from "./tables.ts";

const PROBES = [...SURROUNDINGS_PROBES, ...FOLDER_PROBES, ...NETWORK_PROBES, ...MACHINE_PROBES, ...RECORD_PROBES];

describe("docs/doctor.md", () => {
  it("lists every code once, with what the table says of it", () => {
    const expected = Object.entries(FINDINGS).map(([code, entry]) => ({
      code,
      "what is looked at": entry.looksAt,
      "at worst": entry.worst,
      "why it matters": entry.why,
      "what to do": entry.remedy,
      "with `--fix`": "mend" in entry ? entry.mend : "–",
    }));
    expect(rowsUnder(documentText("doctor.md"), "code")).toEqual(expected);
  });
});

describe("the probes", () => {
  it("are one for each code", () => {
    expect(PROBES.map(({ code }) => code).sort()).toEqual(Object.keys(FINDINGS).sort());
  });

  it("mend what the table says is mended, and nothing else", () => {
    for (const { code, mend } of PROBES) expect([code, ill(code, "x").fixable]).toEqual([code, mend !== undefined]);
  });
});

describe("the texts", () => {
  it("are one line without a full stop", () => {
    for (const { looksAt, remedy, why } of Object.values(FINDINGS))
      for (const text of [looksAt, remedy, why]) expect(text).toMatch(/^[^\n]+[^.\n]$/);
  });
});
