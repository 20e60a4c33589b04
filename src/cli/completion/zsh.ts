/** Completion in zsh, with what each word does beside it. */

import { quoted } from "../../host/shell.ts";
import type { CommandTable, OptionEntry } from "../command.ts";
import { growingPaths, namesFile, stepsOf, valueOptions } from "./steps.ts";

/** Returns the script, for `eval` and for a file `_cider` in `$fpath`. It has no variable `path`, which zsh ties to `$PATH`. */
export function zshScript(table: CommandTable): string {
  const steps = stepsOf(table);
  const values = valueOptions(steps).map(
    ({ path, option }) => `    ${quoted(`${path} --${option.name}`)}) ${complete(option)}; return ;;`,
  );
  const cases = steps.map(({ path, words, options }) => {
    const all = [
      ...words.map(({ word, summary }) => `${word}:${summary}`),
      ...options.map(({ name, summary }) => `--${name}:${summary}`),
    ];
    return `    ${quoted(path)}) found=(${all.map(quoted).join(" ")}) ;;`;
  });
  return `#compdef cider cider-fleet
# zsh completion for cider fleet
_cider_fleet() {
  local place="" i previous="\${words[CURRENT-1]}"
  local -a found
  for ((i = 2; i < CURRENT; i++)); do
    [[ "\${words[i]}" == -* ]] && continue
    [[ $i -eq 2 && "\${words[1]:t}" == cider && "\${words[2]}" == fleet ]] && continue
    case "$place \${words[i]}" in ${growingPaths(steps)}) place="\${place:+$place }\${words[i]}" ;; esac
  done
  if [[ $CURRENT -eq 2 && "\${words[1]:t}" == cider ]]; then
    compadd fleet
    return
  fi
  case "$place $previous" in
${values.join("\n")}
  esac
  case "$place" in
${cases.join("\n")}
  esac
  _describe command found
}
if [[ "\${zsh_eval_context[-1]}" == loadautofunc ]]; then _cider_fleet "$@"; else compdef _cider_fleet cider cider-fleet; fi
`;
}

function complete(option: OptionEntry): string {
  if (option.choices !== undefined) return `compadd ${option.choices.map(quoted).join(" ")}`;
  return namesFile(option) ? "_files" : "_message value";
}
