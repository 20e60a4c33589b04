/** The part of `docs/websocket.md` that follows from the table of operations. */

import type * as z from "zod";
import { OPERATION_NAMES, type OperationName, operationOf } from "../../src/catalogue/operations.ts";
import { namedShapes } from "../../src/catalogue/shapes.ts";
import { TOPICS } from "../../src/catalogue/topics.ts";
import { CHANNELS, PEER_KINDS, PERMISSIONS, ROLES, WAYS } from "../../src/foundation/vocabulary.ts";

type Schema = z.core.$ZodType;

/** Shapes that are one value, in a word. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ["Base64url", "bytes"],
  ["NodeId", "nodeId"],
  ["PageSize", "int"],
  ["PublicKeyHex", "key"],
  ["Time", "time"],
  ["TokenId", "uuid"],
]);

/** Words that mean one of a few texts. */
const CHOICES: ReadonlyMap<string, string> = new Map(
  Object.entries({ Role: ROLES, Kind: PEER_KINDS, Way: WAYS, Channel: CHANNELS, Permission: PERMISSIONS, Topic: TOPICS }).map(
    ([word, choices]) => [choices.join(), word],
  ),
);

const SHAPES = namedShapes();
const NAMES: ReadonlyMap<Schema, string> = new Map([...SHAPES].map(([name, shape]) => [shape, name]));

const row = (...cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
const code = (text: string): string => `\`${text}\``;

/** Returns the name by which a call goes on the socket: streams begin with a small letter. */
export function methodOf(operation: OperationName): string {
  return operationOf(operation).kind === "stream" ? operation.charAt(0).toLowerCase() + operation.slice(1) : operation;
}

/** Returns calls and shapes as Markdown. */
export function reference(): string {
  const built = OPERATION_NAMES.filter((name) => operationOf(name).missing === undefined);
  return [
    "## Calls",
    "",
    row("call", "kind", "takes", "params", "result", "what it does"),
    row("---", "---", "---", "---", "---", "---"),
    ...built.map(callRow),
    "",
    "### Calls that are not built yet",
    "",
    "They answer `OPERATION_UNAVAILABLE` with what is missing to whoever may call them.",
    "",
    row("call", "kind", "takes"),
    row("---", "---", "---"),
    ...OPERATION_NAMES.filter((name) => !built.includes(name)).map((name) => row(...headOf(name))),
    "",
    "## Shapes",
    "",
    row("shape", "members"),
    row("---", "---"),
    ...[...shapesOf(built)].sort().map((name) => row(code(name), code(membersText(SHAPES.get(name) ?? nothing(name))))),
    "",
  ].join("\n");
}

function nothing(name: string): never {
  throw new Error(`no shape ${name}`);
}

function headOf(name: OperationName): readonly string[] {
  const { kind, need } = operationOf(name);
  const needs = need === "public" ? "public" : need === "self" ? "any credential" : code(need);
  return [code(methodOf(name)), kind, needs];
}

function callRow(name: OperationName): string {
  const { input, output, secret, summary } = operationOf(name);
  const result = code(NAMES.get(output) ?? membersText(output));
  return row(...headOf(name), code(membersText(input)), secret ? `${result}, a secret` : result, summary);
}

/** Returns the names of all shapes that a reader of these calls meets. */
function shapesOf(operations: readonly OperationName[]): ReadonlySet<string> {
  const met = new Set<string>();
  const visit = (text: string): void => {
    for (const [name] of text.matchAll(/\b[A-Z]\w*/g)) {
      const shape = SHAPES.get(name);
      if (shape === undefined || met.has(name)) continue;
      met.add(name);
      visit(membersText(shape));
    }
  };
  for (const name of operations) {
    const { input, output } = operationOf(name);
    visit(`${membersText(input)} ${NAMES.get(output) ?? membersText(output)}`);
  }
  return met;
}

/** Returns `{name, role?: Role}` for an object; members without a type are text. */
function membersText(schema: Schema): string {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type !== "object") return typeText(schema);
  return `{${Object.entries(def.shape)
    .map(([name, member]) => memberText(name, member))
    .join(", ")}}`;
}

function memberText(name: string, schema: Schema): string {
  const { inner, nullable, optional, preset } = unwrapped(schema);
  const type = typeText(inner) + (nullable ? " or null" : "");
  return name + (optional ? "?" : "") + (type === "text" ? "" : `: ${type}`) + (preset === undefined ? "" : ` = ${preset}`);
}

function typeText(schema: Schema): string {
  const named = NAMES.get(schema);
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (named !== undefined && WORDS.has(named)) return WORDS.get(named) ?? "";
  if (def.type === "object") return named ?? membersText(schema);
  if (def.type === "array") return `${typeText(def.element)}[]`;
  if (def.type === "enum") return CHOICES.get(Object.values(def.entries).join()) ?? choice(Object.values(def.entries));
  if (def.type === "literal") return choice(def.values);
  if (def.type === "number") return "format" in def ? "int" : "number";
  if (def.type === "boolean") return "boolean";
  if (def.type === "record") return "object";
  if (def.type === "unknown") return "any";
  if (def.type === "never") return "nothing";
  if (def.type === "nullable") return `${typeText(def.innerType)} or null`;
  if (def.type === "union") return def.options.map(typeText).join(" or ");
  if (def.type === "string" || def.type === "custom") return "text";
  throw new Error(`a shape of type ${def.type} has no words yet`);
}

function choice(values: readonly unknown[]): string {
  const texts = values.map((value) => JSON.stringify(value)).join(" or ");
  return values.length === 1 ? texts : `(${texts})`;
}

interface Unwrapped {
  readonly inner: Schema;
  readonly optional: boolean;
  readonly nullable: boolean;
  /** What counts when it is left out, as JSON. */
  readonly preset?: string;
}

function unwrapped(schema: Schema): Unwrapped {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === "optional") return { ...unwrapped(def.innerType), optional: true };
  if (def.type === "default") return { ...unwrapped(def.innerType), optional: true, preset: JSON.stringify(def.defaultValue) };
  if (def.type === "nullable") return { ...unwrapped(def.innerType), nullable: true };
  if (def.type === "readonly") return unwrapped(def.innerType);
  return { inner: schema, optional: false, nullable: false };
}
