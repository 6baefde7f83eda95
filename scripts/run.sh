#!/bin/sh
# Sets the machine up as far as the task needs, each step only when it is due, then hands over to Node 24.
#   scripts/run.sh up|test|bench|long|check|exec [arguments]
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
task=${1:?"a task is missing: up, test, bench, long, check or exec"}
shift
. "$root/scripts/setup.sh"

run() {
  exec node --conditions=@falco-efk/source --disable-warning=ExperimentalWarning "$@"
}

case $task in
up)
  set_up_node
  set_up_packages
  set_up_native
  set_up_page
  run "$root/packages/up/src/cli.ts" up "$@"
  ;;
test | long | bench)
  set_up_node
  set_up_tools test
  set_up_packages
  set_up_native required
  set_up_page
  cd "$root"
  run "scripts/$task.ts" "$@"
  ;;
check)
  set_up_node
  set_up_packages
  cd "$root"
  run scripts/check.ts "$@"
  ;;
exec)
  set_up_node
  set_up_packages
  run "$@"
  ;;
*)
  echo "run.sh: unknown task $task: expected up, test, bench, long, check or exec" >&2
  exit 2
  ;;
esac
