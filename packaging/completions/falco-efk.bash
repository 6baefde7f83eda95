# Completion of the suite's programs for bash; for zsh after `autoload -U bashcompinit && bashcompinit`.
# To /usr/share/bash-completion/completions/falco-efk, with links of the other programs' names to it.
# The words come from each program's own --help, so they are never out of date.
_falco_efk() {
  local program=$1 word=$2 previous=$3 command="" i words
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
    [a-z]*)
      if "$program" --help 2>/dev/null | grep -qE "^  ${COMP_WORDS[i]}( |\$)"; then
        command=${COMP_WORDS[i]}
        break
      fi
      ;;
    esac
  done
  words=$("$program" ${command:+"$command"} --help 2>/dev/null |
    sed -nE 's/^  (-[A-Za-z], )?(--[a-z-]+).*/\2/p; s/^  ([a-z][a-z-]*) .*/\1/p')
  case $previous in
  -c | -r | -e | -V | --config | --rules | --keystore | --state | --data | --ca | --objects | --replay | --alerts)
    COMPREPLY=($(compgen -f -- "$word"))
    ;;
  *) COMPREPLY=($(compgen -W "$words" -- "$word")) ;;
  esac
}
complete -o filenames -F _falco_efk falco-efk falco-engine falco-ship falco-bootstrap falco-alert falco-store falco-console falco-generate
