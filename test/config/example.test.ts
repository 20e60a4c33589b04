/** The example explains every setting and shows the defaults the schema has. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { configSchema, keyOf, SETTINGS } from "../../src/config/schema.ts";
import { parseToml, type Table } from "../../src/config/toml.ts";

const PATH = join(import.meta.dirname, "../../config/cider-fleet.example.toml");
const TEXT = readFileSync(PATH, "utf8");

/** Settings whose default depends on the machine; the example shows a value all the same. */
const DEPENDS = ["name", "dataDir", "pages", "socketGroup"];

/** The example as somebody has it who removed every "#" before a key. */
const uncommented = parseToml(TEXT.replace(/^#(?=[a-z[])/gm, ""), PATH);

function keysOf(table: Table, before = ""): readonly string[] {
  return Object.entries(table).flatMap(([key, value]) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? keysOf(value as Table, `${before}${key}.`)
      : [before + key],
  );
}

describe("the example", () => {
  it("changes nothing as it stands", () => {
    expect(parseToml(TEXT, PATH)).toEqual({});
  });

  it("shows every setting, and none that does not exist", () => {
    expect([...keysOf(uncommented)].sort()).toEqual(SETTINGS.map(keyOf).sort());
    expect(configSchema.safeParse(uncommented).success).toBe(true);
  });

  it("shows the defaults", () => {
    const shown = Object.fromEntries(Object.entries(uncommented).filter(([key]) => !DEPENDS.includes(key)));
    expect(shown).toEqual(configSchema.parse({}));
  });

  it("names the variable and the option of every setting", () => {
    for (const { env, flag } of SETTINGS) {
      expect(TEXT).toContain(`[${env}`);
      if (flag !== undefined) expect(TEXT).toContain(`${env}, --${flag}`);
    }
  });
});

describe("the table of settings", () => {
  it("has one row for each key of the schema", () => {
    const { discoveryInterfaces, record, tokens } = configSchema.shape;
    const tables: Readonly<Record<string, object>> = {
      discoveryInterfaces: discoveryInterfaces.unwrap().shape,
      record: record.unwrap().shape,
      tokens: tokens.unwrap().shape,
    };
    const keys = Object.keys(configSchema.shape).flatMap((key) => {
      const table = tables[key];
      return table === undefined ? [key] : Object.keys(table).map((member) => `${key}.${member}`);
    });
    expect(SETTINGS.map(keyOf).sort()).toEqual(keys.sort());
  });
});
