/** The catalogue's schemas as Python: types of members, and a class for each object that an answer holds. */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as z from "zod";
import { className, literal, snakeCase } from "./names.ts";

type Schema = z.core.$ZodType;

/** Members whose text is a secret, by their names in Python: never shown by `repr`. */
const SECRETS: readonly string[] = ["token", "link", "access_token", "refresh_token", "secret", "api_token"];

/** Types of schemas that have no parts. Custom schemas are texts with a form. An operation that is not built never answers. */
const PLAIN: Readonly<Record<string, string>> = { string: "str", custom: "str", boolean: "bool", never: "Result" };

/** The names under which the catalogue exports its schemas; they become the names of classes. */
export async function exportedNames(catalogue: string): Promise<ReadonlyMap<Schema, string>> {
  const names = new Map<Schema, string>();
  for (const file of readdirSync(catalogue)
    .filter((one) => one.endsWith("schemas.ts"))
    .sort()) {
    const exports = (await import(pathToFileURL(join(catalogue, file)).href)) as Readonly<Record<string, unknown>>;
    for (const [name, value] of Object.entries(exports)) if (value instanceof z.ZodType) names.set(value, className(name));
  }
  return names;
}

/** A member of an object, as an argument or attribute. */
export interface Member {
  readonly name: string;
  readonly type: string;
  /** Whether it may be left out. */
  readonly optional: boolean;
  readonly nullable: boolean;
}

/** Collects the classes that answers need, each behind those it uses. */
export class Shapes {
  readonly #names: ReadonlyMap<Schema, string>;
  readonly #classes = new Map<string, string>();

  constructor(names: ReadonlyMap<Schema, string>) {
    this.#names = names;
  }

  /** Source of all classes so far. */
  get source(): string {
    return [...this.#classes.values()].join("\n\n");
  }

  /** Names of all classes so far. */
  get names(): readonly string[] {
    return [...this.#classes.keys()].sort();
  }

  /** Returns the type of an answer, its class made if need be; `fallback` names a shape that the catalogue does not. */
  typeOf(schema: Schema, fallback: string): string {
    return this.#type(schema, fallback, true);
  }

  /** Returns the type of an argument: plain values, sequences and mappings. */
  argumentType(schema: Schema): string {
    return this.#type(schema, "", false);
  }

  /** Returns the members of an object in the table's order; none for what is no object. */
  membersOf(schema: Schema, type: (schema: Schema, name: string) => string): readonly Member[] {
    const { def } = (schema as z.core.$ZodTypes)._zod;
    if (def.type !== "object") return [];
    return Object.entries(def.shape).map(([name, member]) => {
      const { inner, optional, nullable } = unwrapped(member);
      return { name, type: type(inner, name), optional, nullable };
    });
  }

  #type(schema: Schema, fallback: string, answer: boolean): string {
    const { inner, nullable } = unwrapped(schema);
    const type = this.#plainType(inner, fallback, answer);
    return nullable ? `Optional[${type}]` : type;
  }

  #plainType(schema: Schema, fallback: string, answer: boolean): string {
    const { def } = (schema as z.core.$ZodTypes)._zod;
    if (def.type === "number") return "format" in def ? "int" : "float";
    if (def.type === "enum") return literals(Object.values(def.entries));
    if (def.type === "literal") return literals(def.values);
    if (def.type === "array") return `${answer ? "List" : "Sequence"}[${this.#type(def.element, fallback, answer)}]`;
    if (def.type === "object") return answer ? this.#class(schema, fallback) : "Mapping[str, Any]";
    return PLAIN[def.type] ?? "Any";
  }

  #class(schema: Schema, fallback: string): string {
    const name = this.#names.get(schema) ?? fallback;
    if (this.#classes.has(name)) return name;
    const members = this.membersOf(schema, (inner, member) => this.#type(inner, name + className(member), true));
    this.#classes.set(name, classSource(name, members));
    return name;
  }
}

function unwrapped(schema: Schema): { inner: Schema; optional: boolean; nullable: boolean } {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === "optional" || def.type === "default" || def.type === "prefault")
    return { ...unwrapped(def.innerType), optional: true };
  if (def.type === "nullable") return { ...unwrapped(def.innerType), nullable: true };
  if (def.type === "readonly") return unwrapped(def.innerType);
  if (def.type === "pipe") return unwrapped(def.in);
  return { inner: schema, optional: false, nullable: false };
}

function literals(words: readonly unknown[]): string {
  return `Literal[${words.map(literalOf).join(", ")}]`;
}

function literalOf(word: unknown): string {
  if (typeof word === "boolean") return word ? "True" : "False";
  if (word === null) return "None";
  return JSON.stringify(word);
}

function classSource(name: string, members: readonly Member[]): string {
  const shapes = members.flatMap((member) => {
    const shape = /^(?:List\[)*([A-Z]\w*)\]*$/.exec(member.type)?.[1];
    return shape === undefined || ["Any", "Result", "Literal", "List"].includes(shape)
      ? []
      : [`${literal(member.name)}: ${shape}`];
  });
  const secrets = members
    .map(({ name }) => snakeCase(name))
    .filter(isSecret)
    .map(literal);
  return [
    `class ${name}(Result):`,
    `    """${members.length === 0 ? "An answer without members." : "Members of an answer."}"""`,
    "",
    ...(shapes.length === 0 ? [] : [`    _shapes: ClassVar[Mapping[str, Type[Result]]] = {${shapes.join(", ")}}`]),
    ...(secrets.length === 0 ? [] : [`    _secrets: ClassVar[Tuple[str, ...]] = (${secrets.join(", ")},)`]),
    ...members.map((member) => `    ${snakeCase(member.name)}: ${attributeType(member)}`),
    "",
  ].join("\n");
}

/** Six digits stand beside the link that says the same; every other `code` is an error's. */
function isSecret(name: string, _: number, all: readonly string[]): boolean {
  return SECRETS.includes(name) || (name === "code" && all.includes("link"));
}

function attributeType({ type, nullable }: Member): string {
  return nullable ? `Optional[${type}]` : type;
}
