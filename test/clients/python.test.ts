/** What of the Python client is made from the project's tables, and what it shares with the project. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { operationNames } from "../../scripts/python/methods.ts";
import { snakeCase } from "../../scripts/python/names.ts";
import { PYTHON_PACKAGE, pythonFiles } from "../../scripts/python-client.ts";
import { OPERATION_NAMES } from "../../src/catalogue/operations.ts";

const ROOT = join(import.meta.dirname, "../..");

test("the operations, shapes and errors of the Python client are those of the tables", async () => {
  for (const [name, text] of Object.entries(await pythonFiles())) {
    const kept = readFileSync(join(PYTHON_PACKAGE, name), "utf8");
    expect(kept, `${name} is behind the tables; run: npm run generate:python`).toBe(text);
  }
});

test("every operation has a Python method of its own", () => {
  const names = operationNames();
  expect(names.map(({ name }) => name)).toEqual(OPERATION_NAMES);
  expect(new Set(names.map(({ method }) => method)).size).toBe(OPERATION_NAMES.length);
});

test.each([
  ["GenerateAPIToken", "generate_api_token"],
  ["ListVMs", "list_vms"],
  ["ListRemoteIPSWs", "list_remote_ipsws"],
  ["PullOCIImageOnNode", "pull_oci_image_on_node"],
  ["GetVMSettings", "get_vm_settings"],
  ["totalMemoryGB", "total_memory_gb"],
  ["runningVMCount", "running_vm_count"],
  ["tokenID", "token_id"],
  ["grant_type", "grant_type"],
  ["except", "except_"],
])("%s is %s in Python", (name, expected) => {
  expect(snakeCase(name)).toBe(expected);
});

test("the Python package carries the project's licence and version", () => {
  const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
  const { version } = JSON.parse(read("package.json")) as { version: string };
  expect(read("clients/python/LICENSE")).toBe(read("LICENSE"));
  expect(read("clients/python/pyproject.toml")).toContain(`\nversion = "${version}"\n`);
  expect(read("clients/python/src/cider_fleet/version.py")).toContain(`"${version}"`);
});
