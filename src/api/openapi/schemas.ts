/** JSON Schema of the table's shapes, for `components` of OpenAPI: each stands there once and is referred to elsewhere. */

import * as z from "zod";
import { OPERATION_NAMES, operationOf } from "../../catalogue/operations.ts";
import { namedShapes } from "../../catalogue/shapes.ts";
import { isJsonObject, type JsonObject } from "../../wire/parse.ts";

const PREFIX = "#/components/schemas/";

/** The table's shapes as JSON Schema. */
export interface Schemas {
  /** Returns those by name that `document`, and they themselves, refer to: inputs are mostly split up and stand nowhere. */
  referredFrom(document: unknown): Readonly<Record<string, JsonObject>>;
  /** Returns the schema of a shape of the table as a reference. */
  reference(shape: z.ZodType): JsonObject;
  /** Returns the object schema itself, for its members. */
  object(shape: z.ZodType): ObjectSchema;
}

/** An object's schema as OpenAPI splits it: into path, query and body. */
export interface ObjectSchema {
  readonly properties: Readonly<Record<string, JsonObject>>;
  readonly required: readonly string[];
  /** False where other members are refused. */
  readonly additionalProperties: unknown;
}

/** Returns the schemas of all inputs and outputs of the table. Takes milliseconds. */
export function tableSchemas(): Schemas {
  const registry = z.registry<{ id: string }>();
  const add = (shape: z.ZodType, id: string): void => {
    if (!registry.has(shape)) registry.add(shape, { id });
  };
  for (const [name, shape] of namedShapes()) add(shape, name);
  for (const name of OPERATION_NAMES) {
    add(operationOf(name).input, `${name}Input`);
    add(operationOf(name).output, `${name}Output`);
  }
  // Outputs are read by `input` too: answers of newer nodes have further members, which `output` would forbid.
  const { schemas } = z.toJSONSchema(registry, {
    io: "input",
    unrepresentable: "any",
    uri: (id) => PREFIX + id,
    override: ({ jsonSchema }) => dropSafeRange(jsonSchema),
  });
  const components = Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, withoutIdentity(schema)]));
  const nameOf = (shape: z.ZodType): string => registry.get(shape)?.id ?? "";
  return {
    referredFrom: (document) => referredFrom(document, components),
    reference: (shape) => ({ $ref: PREFIX + nameOf(shape) }),
    object: (shape) => objectSchema(components[nameOf(shape)] ?? {}),
  };
}

function referredFrom(document: unknown, components: Readonly<Record<string, JsonObject>>): Readonly<Record<string, JsonObject>> {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    for (const [, name = ""] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (found.has(name) || components[name] === undefined) continue;
      found.add(name);
      visit(components[name]);
    }
  };
  visit(document);
  return Object.fromEntries(Object.entries(components).filter(([name]) => found.has(name)));
}

/** That a whole number is one JavaScript can hold says nothing of the protocol. */
function dropSafeRange(schema: { minimum?: number; maximum?: number }): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
}

function withoutIdentity({ $id: _, $schema: __, ...schema }: JsonObject): JsonObject {
  return schema;
}

function objectSchema({ additionalProperties, properties, required }: JsonObject): ObjectSchema {
  const entries = Object.entries(isJsonObject(properties) ? properties : {});
  return {
    properties: Object.fromEntries(entries.flatMap(([name, schema]) => (isJsonObject(schema) ? [[name, schema] as const] : []))),
    required: Array.isArray(required) ? required.map(String) : [],
    additionalProperties,
  };
}
