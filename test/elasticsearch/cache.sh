# Sourced: sets $cache, where downloads and installed servers are kept between runs. A server that is started by root runs
# as nobody, which has to be able to read it: so it isn't below a home directory that is closed.
umask 022
cache=${FALCO_EFK_SERVERS:-${XDG_CACHE_HOME:-/var/tmp}/falco-efk/servers}
mkdir -p "$cache/downloads"

# maven_copy GROUP:ARTIFACT:VERSION:TYPE FILE: downloads one artifact from Maven Central, once.
maven_copy() {
  [ -e "$cache/downloads/$2" ] && return
  mvn -B -ntp -q org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy -Dartifact="$1" \
    -DoutputDirectory="$cache/downloads" >&2
}
