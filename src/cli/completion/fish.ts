/** Completion in fish, with what each word does beside it. */

import { quoted } from "../../host/shell.ts";
import type { CommandTable, OptionEntry } from "../command.ts";
import { namesFile, stepsOf } from "./steps.ts";

const PROGRAMS = ["cider", "cider-fleet"] as const;

/** Returns the script: three functions that tell where in the table the line is, then one `complete` for each word and option. */
export function fishScript(table: CommandTable): string {
  const lines = stepsOf(table).flatMap(({ path, words, options }) => {
    const when = `-n ${quoted(`__cider_fleet_${options.length > 0 ? "in" : "at"} ${quoted(path)}`)}`;
    return PROGRAMS.flatMap((program) => [
      ...words.map(({ word, summary }) => `complete -c ${program} -f ${when} -a ${quoted(word)} -d ${quoted(summary)}`),
      ...options.map(
        (option) => `complete -c ${program} ${when} -l ${option.name}${valuePart(option)} -d ${quoted(option.summary)}`,
      ),
    ]);
  });
  return `# fish completion for cider fleet
function __cider_fleet_words
  set -l typed (string match -v -- '-*' (commandline -opc))
  if test (string replace -r ".*/" "" -- $typed[1]) = cider
    test "$typed[2]" = fleet; or return 1
    set -e typed[2]
  end
  set -e typed[1]
  echo "$typed"
end
function __cider_fleet_at
  set -l typed (__cider_fleet_words); or return 1
  test "$typed" = "$argv[1]"
end
function __cider_fleet_in
  set -l typed (__cider_fleet_words); or return 1
  string match -q -- "$argv[1] *" "$typed "
end
complete -c cider -f -n 'test (count (commandline -opc)) -eq 1' -a fleet
${lines.join("\n")}
`;
}

function valuePart(option: OptionEntry): string {
  if (option.value === undefined) return "";
  if (option.choices !== undefined) return ` -x -a ${quoted(option.choices.join(" "))}`;
  return namesFile(option) ? " -r" : " -x";
}
