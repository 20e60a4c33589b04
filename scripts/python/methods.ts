/** A Python method for each operation of the table that one request answers. */

import type { Operation } from "../../src/catalogue/operation.ts";
import { OPERATIONS } from "../../src/catalogue/operations.ts";
import { literal, snakeCase, wrapped } from "./names.ts";
import type { Member, Shapes } from "./shapes.ts";

/** Arguments that may be given by position; further ones go by name, so that new ones change no call. */
const BY_POSITION = 2;

/** Answers of which the discontinued product gave the one member. */
const UNWRAPPED: Readonly<Record<string, { readonly member: string; readonly type: string }>> = {
  ListAPITokens: { member: "tokens", type: "List[Token]" },
};

/** Every operation by name, with the Python method that calls it and its kind. */
export function operationNames(): readonly { readonly name: string; readonly method: string; readonly kind: string }[] {
  return entries().map(([name, { kind }]) => ({ name, method: snakeCase(name), kind }));
}

/** Returns the source of the class `Operations`, its methods in the table's order. */
export function methodsSource(shapes: Shapes): string {
  const methods = entries()
    .filter(([, { kind }]) => kind !== "stream")
    .map(([name, operation]) => methodSource(name, operation, shapes));
  return [
    "class Operations:",
    '    """Every operation of a node as a method. `_call` is brought by whoever can send a request."""',
    "",
    "    def _call(self, operation: str, members: Mapping[str, Any]) -> Mapping[str, Any]:",
    "        raise NotImplementedError",
    "",
    methods.join("\n"),
  ].join("\n");
}

function entries(): readonly (readonly [string, Operation])[] {
  return Object.entries(OPERATIONS);
}

function methodSource(name: string, operation: Operation, shapes: Shapes): string {
  const members = shapes.membersOf(operation.input, (schema) => shapes.argumentType(schema));
  const answer = shapes.typeOf(operation.output, `${name}Result`);
  const unwrapped = UNWRAPPED[name];
  const type = unwrapped?.type ?? answer;
  const end = unwrapped === undefined ? ")" : `).${unwrapped.member}`;
  return [
    wrapped(`    def ${snakeCase(name)}(`, ["self", ...parameters(members, operation)], `) -> ${type}:`),
    `        """${operation.summary}"""`,
    wrapped(`        return ${answer}(`, [`self._call(${literal(name)}, ${inputOf(members, operation)})`], end),
    "",
  ].join("\n");
}

/** Whether an operation takes an object of which the table says nothing: what is not built yet. */
function isOpen({ input }: Operation, members: readonly Member[]): boolean {
  return members.length === 0 && !input.safeParse({ unknown: 1 }).error;
}

function parameters(members: readonly Member[], operation: Operation): readonly string[] {
  if (isOpen(operation, members)) return ["members: Optional[Mapping[str, Any]] = None"];
  const ordered = [...members.filter(({ optional }) => !optional), ...members.filter(({ optional }) => optional)];
  const first = ordered.slice(0, BY_POSITION).map(parameter);
  const others = ordered.slice(BY_POSITION).map(parameter);
  return [...first, ...(others.length === 0 ? [] : ["*", ...others])];
}

function parameter({ name, type, optional, nullable }: Member): string {
  if (!optional) return `${snakeCase(name)}: ${nullable ? `Optional[${type}]` : type}`;
  return nullable ? `${snakeCase(name)}: Union[${type}, None, Unset] = UNSET` : `${snakeCase(name)}: Optional[${type}] = None`;
}

/** What is not given is not sent; None is sent only where null means something. */
function inputOf(members: readonly Member[], operation: Operation): string {
  if (members.length === 0) return isOpen(operation, members) ? "dict(members or {})" : "{}";
  const required = members.filter(({ optional }) => !optional);
  const optional = members.filter((member) => member.optional);
  if (optional.length === 0) return dictionary(required);
  const nullable = optional.filter((member) => member.nullable);
  const plain = dictionary(optional.filter((member) => !member.nullable));
  const found = `given(${plain}${nullable.length === 0 ? "" : `, ${dictionary(nullable)}`})`;
  return required.length === 0 ? found : `{**${dictionary(required)}, **${found}}`;
}

function dictionary(members: readonly Member[]): string {
  return `{${members.map(({ name }) => `${literal(name)}: ${snakeCase(name)}`).join(", ")}}`;
}
