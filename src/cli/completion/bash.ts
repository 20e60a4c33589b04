/** Completion in bash. */

import { quoted } from "../../host/shell.ts";
import type { CommandTable, OptionEntry } from "../command.ts";
import { growingPaths, namesFile, stepsOf, valueOptions } from "./steps.ts";

/** Returns the script; it completes both programs, `cider` after its word `fleet`. */
export function bashScript(table: CommandTable): string {
  const steps = stepsOf(table);
  const values = valueOptions(steps).map(
    ({ path, option }) => `    ${quoted(`${path} --${option.name}`)}) ${complete(option)}; return ;;`,
  );
  const cases = steps.map(({ path, words, options }) => {
    const all = [...words.map(({ word }) => word), ...options.map(({ name }) => `--${name}`)].join(" ");
    return `    ${quoted(path)}) words=${quoted(all)} ;;`;
  });
  return `# bash completion for cider fleet
_cider_fleet() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" place="" words="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ "\${COMP_WORDS[i]}" == -* ]] && continue
    [[ $i -eq 1 && "\${COMP_WORDS[0]##*/}" == cider && "\${COMP_WORDS[1]}" == fleet ]] && continue
    case "$place \${COMP_WORDS[i]}" in ${growingPaths(steps)}) place="\${place:+$place }\${COMP_WORDS[i]}" ;; esac
  done
  if [[ $COMP_CWORD -eq 1 && "\${COMP_WORDS[0]##*/}" == cider ]]; then
    COMPREPLY=($(compgen -W fleet -- "$current"))
    return
  fi
  case "$place $previous" in
${values.join("\n")}
  esac
  case "$place" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _cider_fleet cider cider-fleet
`;
}

function complete(option: OptionEntry): string {
  if (option.choices !== undefined) return `COMPREPLY=($(compgen -W ${quoted(option.choices.join(" "))} -- "$current"))`;
  return namesFile(option) ? 'COMPREPLY=($(compgen -f -- "$current"))' : "COMPREPLY=()";
}
