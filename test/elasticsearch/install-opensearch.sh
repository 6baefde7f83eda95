#!/bin/bash
# install-opensearch.sh VERSION: installs OpenSearch's integration-test distribution into the cache and prints its home.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/cache.sh"
version=${1:?version, such as 3.8.0}
home=$cache/opensearch-$version
[ -e "$home/.ready" ] && { echo "$home"; exit 0; }
tmp=$(mktemp -d "$cache/tmp.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
chmod 755 "$tmp"

"$here/runtime.sh" > /dev/null
maven_copy "org.opensearch.distribution.integ-test-zip:opensearch:$version:zip" "opensearch-$version.zip"
(cd "$tmp" && python3 -m zipfile -e "$cache/downloads/opensearch-$version.zip" .)
os=$tmp/opensearch-$version
chmod 755 "$os"/bin/*

# The runtime has no Thai, and without it the analyzer `thai` keeps every index from being made.
classes=$tmp/classes
mkdir -p "$classes/META-INF/services"
echo standin.ThaiBreaks > "$classes/META-INF/services/java.text.spi.BreakIteratorProvider"
javac --release 17 -nowarn -d "$classes" "$here/standin/thai/ThaiBreaks.java"
(cd "$classes" && python3 -m zipfile -c "$os/lib/thai-standin.jar" META-INF standin)
rm -rf "$home"
mv "$os" "$home"
chmod -R a+rX "$home" "$cache"
touch "$home/.ready"
echo "$home"
