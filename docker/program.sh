#!/bin/sh
# Runs the image's program. Secrets come as variables from a file that `setup` writes, which neither `docker inspect` nor
# `ps` shows.
secrets=/etc/falco-efk/env
[ -r "$secrets" ] || secrets=
exec node --disable-warning=ExperimentalWarning ${secrets:+--env-file="$secrets"} /opt/program/cli.js "$@"
