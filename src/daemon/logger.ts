/**
 * The log: one event one line to stderr, JSON for machines, words for a terminal. Pino with a destination of our own:
 * its transports look for files beside themselves, which a bundle does not have.
 */

import { styleText } from "node:util";
import { type DestinationStream, pino } from "pino";
import type { Logger } from "../foundation/logger.ts";
import { isJsonObject, type JsonObject } from "../wire/parse.ts";

interface LoggerOptions {
  readonly level: string;
  /** Whether a person reads along. */
  readonly isTerminal: boolean;
  readonly write: (line: string) => void;
}

/** Returns a logger that writes each event as one line. */
export function createLogger({ level, isTerminal, write }: LoggerOptions): Logger {
  const destination: DestinationStream = { write: isTerminal ? (line) => write(readable(line)) : write };
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}

const LEVELS: Readonly<Record<number, string>> = {
  20: "debug ",
  30: "",
  40: styleText("yellow", "warning "),
  50: styleText("red", "error "),
};

/** Returns a line as people read it: time of day, message, fields that are not objects. */
function readable(line: string): string {
  const entry: unknown = JSON.parse(line);
  if (!isJsonObject(entry)) return line;
  const { level, time, msg, err, ...fields } = entry;
  const clock = new Date(String(time)).toTimeString().slice(0, 8);
  const details = Object.entries(fields).filter(([, value]) => typeof value !== "object");
  const text = details.map(([name, value]) => `${name}=${String(value)}`).join(" ");
  const cause = isJsonObject(err) ? ` ${errorText(err)}` : "";
  return `${styleText("dim", clock)} ${LEVELS[Number(level)] ?? ""}${String(msg)} ${styleText("dim", text)}${cause}\n`;
}

function errorText(err: JsonObject): string {
  return String(err["stack"] ?? err["message"]);
}
