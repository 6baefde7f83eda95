#!/bin/bash
# install-elasticsearch.sh VERSION: installs the integration-test distribution from Maven Central into the cache and prints
# its home. 9.x gets Java 25 from PyPI; 8.x runs on the Java 17 (or later) on PATH.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/cache.sh"
version=${1:?version, such as 9.5.3}
home=$cache/elasticsearch-$version
[ -e "$home/.ready" ] && { echo "$home"; exit 0; }
tmp=$(mktemp -d "$cache/tmp.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
chmod 755 "$tmp"

maven_copy "org.elasticsearch.distribution.integ-test-zip:elasticsearch:$version:zip" "elasticsearch-$version.zip"
(cd "$tmp" && python3 -m zipfile -e "$cache/downloads/elasticsearch-$version.zip" .)
es=$tmp/elasticsearch-$version
chmod 755 "$es"/bin/*
rm -rf "$es"/lib/platform/{darwin,windows}-* "$es"/bin/*.{bat,exe}

# The distribution lacks GET / and the settings index.lifecycle.*: a small module stands in for them.
module=$es/modules/standin
classes=$tmp/classes
mkdir -p "$module" "$classes"
classpath=$(printf '%s:' "$es"/lib/*.jar)
case $version in
9.*)
  jre=$("$here/runtime.sh" | tail -1)
  python3 "$here/relax-modules.py" "$es/lib" jdk.jdi jdk.jlink >&2
  maven_copy org.eclipse.jdt:ecj:3.42.0:jar ecj-3.42.0.jar
  "$jre/bin/java" -jar "$cache/downloads/ecj-3.42.0.jar" -21 -proc:none -nowarn -d "$classes" -cp "$classpath" \
    "$here"/standin/{common,es9}/*.java
  echo "$jre" > "$es/.java_home"
  java=21
  ;;
8.*)
  javac --release 17 -proc:none -d "$classes" -cp "$classpath" "$here"/standin/{common,es8}/*.java
  dirname "$(dirname "$(readlink -f "$(command -v java)")")" > "$es/.java_home"
  java=17
  ;;
*) echo "version $version: 8.x or 9.x is expected" >&2; exit 2 ;;
esac
(cd "$classes" && python3 -m zipfile -c "$module/standin.jar" standin)
printf '%s\n' 'description=GET / and index.lifecycle.* settings (stand-in)' "version=$version" name=standin \
  "java.version=$java" "elasticsearch.version=$version" classname=standin.StandinPlugin \
  > "$module/plugin-descriptor.properties"
rm -rf "$home"
mv "$es" "$home"
chmod -R a+rX "$home" "$cache"
touch "$home/.ready"
echo "$home"
