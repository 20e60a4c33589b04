/** The tables of docs/tokens.md hold. Its commands are run by `test/e2e/tokens.test.ts`. */

import { expect, it } from "vitest";
import { isOperationName, operationOf } from "../../src/catalogue/operations.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { configSchema } from "../../src/config/schema.ts";
import { documentText, rowsUnder } from "./tables.ts";

const TEXT = documentText("tokens.md");

it("names commands and operations that exist, with their routes", () => {
  const rows = rowsUnder(TEXT, "command");
  expect(rows.length).toBeGreaterThan(10);
  for (const row of rows) {
    const operation = row["RPC and WebSocket"] ?? "";
    if (!isOperationName(operation)) throw new Error(`there is no ${operation}`);
    const { rest } = operationOf(operation);
    expect(`${rest?.method ?? ""} ${rest?.path ?? ""}`).toBe(row["REST"]);
    for (const command of (row["command"] ?? "").replaceAll("`", "").split(", "))
      expect(COMMANDS.map(({ name }) => name)).toContain(command.split(" --")[0]);
  }
});

it("shows the settings with their defaults", () => {
  const shown = Object.entries(configSchema.parse({}).tokens).filter(([name]) => name !== "bearerLife");
  for (const [name, value] of shown) expect(TEXT).toContain(`\n${name} = ${JSON.stringify(value)}`);
});
