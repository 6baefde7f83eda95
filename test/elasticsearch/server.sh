#!/bin/bash
# server.sh start|stop|status elasticsearch|opensearch VERSION DIR
#
# One real server on 127.0.0.1 with all its files under DIR. `start` prints its address when it is ready.
#   PORT       HTTP port (9200); the transport port is PORT + 100
#   HEAP       Java heap (512m)
#   PASSWORD   Elasticsearch: security on, user elastic with this password (8 characters or more); unset: off
#   TLS=1      Elasticsearch: https with a self-signed certificate, DIR/config/ca.pem (needs PASSWORD)
#   PATIENCE   seconds to wait until it answers (300)
#   SETTINGS   more lines for elasticsearch.yml or opensearch.yml
set -euo pipefail
command=${1:?start, stop or status}
product=${2:?elasticsearch or opensearch}
version=${3:?version}
dir=$(mkdir -p "${4:?directory}" && cd "$4" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
port=${PORT:-9200}
heap=${HEAP:-512m}
patience=${PATIENCE:-300}
pid_file=$dir/server.pid

alive() { [ -s "$pid_file" ] && kill -0 "$(cat "$pid_file")" 2>/dev/null; }

# Both servers refuse to run as root: they run as nobody then.
as_nobody() {
  if [ "$(id -u)" = 0 ]; then setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; else "$@"; fi
}

get() {
  local options=(-fsS --max-time 65)
  [ -n "${PASSWORD:-}" ] && options+=(-u "elastic:$PASSWORD")
  [ -e "$dir/config/ca.pem" ] && options+=(--cacert "$dir/config/ca.pem")
  curl "${options[@]}" "$(cat "$dir/url")$1"
}

common_settings() {
  cat <<SETTINGS
cluster.name: local-test
node.name: n1
path.data: $dir/data
path.logs: $dir/logs
network.host: 127.0.0.1
http.port: $port
transport.port: $((port + 100))
discovery.type: single-node
cluster.routing.allocation.disk.threshold_enabled: false
SETTINGS
}

# Says why it didn't come up: a missing start is a slow machine as often as a fault.
give_up() {
  tail -n 5 "$dir/logs/start.out" >&2
  echo "$product $version $1; its log is $dir/logs" >&2
  exit 1
}

wait_until_ready() {
  local end=$((SECONDS + patience))
  until get /_cluster/health > /dev/null 2>&1; do
    alive || [ ! -s "$pid_file" ] || give_up 'ended while it was starting'
    [ $SECONDS -lt $end ] || give_up "did not answer within $patience s"
    sleep 0.5
  done
  get '/_cluster/health?wait_for_status=yellow&timeout=60s' > /dev/null || give_up 'is red'
}

start_elasticsearch() {
  local security=false scheme=http
  [ -n "${PASSWORD:-}" ] && security=true
  {
    common_settings
    echo "xpack.security.enabled: $security"
    echo 'xpack.security.enrollment.enabled: false'
    if [ "${TLS:-}" = 1 ]; then
      scheme=https
      openssl req -x509 -newkey rsa:2048 -nodes -days "${TLS_DAYS:-30}" -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
        -keyout "$dir/config/key.pem" -out "$dir/config/ca.pem" 2> /dev/null
      printf 'xpack.security.http.ssl.%s\n' 'enabled: true' "key: $dir/config/key.pem" "certificate: $dir/config/ca.pem"
    fi
    printf '%b\n' "${SETTINGS:-}"
  } > "$dir/config/elasticsearch.yml"
  [ "$(id -u)" = 0 ] && chown -R 65534:65534 "$dir"
  [ "${TLS:-}" = 1 ] && scheme=https
  echo "$scheme://127.0.0.1:$port" > "$dir/url"
  cd "$home"
  if $security; then
    as_nobody bash bin/elasticsearch-keystore create -s > /dev/null
    printf %s "$PASSWORD" | as_nobody bash bin/elasticsearch-keystore add -x -s bootstrap.password > /dev/null
  fi
  as_nobody bash bin/elasticsearch -d -p "$pid_file" > "$dir/logs/start.out" 2>&1 < /dev/null || give_up 'did not start'
  wait_until_ready
  $security && wait_for_security
  return 0
}

# The index .security is made at the first log-in; until it is up, some log-ins are answered with 503, or with 401 although
# the password is right. So several rounds in a row have to be right.
wait_for_security() {
  get '/_cluster/health/.security-7?wait_for_status=yellow&timeout=60s' > /dev/null || true
  local rounds=0
  for _ in $(seq 200); do
    if get / > /dev/null 2>&1 && [[ $(PASSWORD=not-this-one get / 2>&1 || true) == *401* ]]; then
      rounds=$((rounds + 1))
    else
      rounds=0
    fi
    [ $rounds -ge 5 ] && return 0
    sleep 0.3
  done
  echo 'security did not come up' >&2
  exit 1
}

start_opensearch() {
  sed -i "s#logs/#$dir/logs/#; s#HeapDumpPath=data#HeapDumpPath=$dir/data#" "$dir/config/jvm.options"
  { common_settings; printf '%b\n' "${SETTINGS:-}"; } > "$dir/config/opensearch.yml"
  echo "http://127.0.0.1:$port" > "$dir/url"
  [ "$(id -u)" = 0 ] && chown -R 65534:65534 "$dir"
  # In the background the whole list is redirected: a shell that still held our output would keep the caller waiting.
  cd "$home"
  as_nobody setsid bash bin/opensearch -p "$pid_file" > "$dir/logs/start.out" 2>&1 < /dev/null &
  wait_until_ready
}

case $command in
start)
  alive && { cat "$dir/url"; exit 0; }
  home=$("$here/install-$product.sh" "$version" | tail -1)
  rm -rf "$dir/config" "$dir/tmp" "$pid_file"
  mkdir -p "$dir"/{data,logs,tmp}
  cp -r "$home/config" "$dir/config"
  export HOME=$dir
  if [ "$product" = elasticsearch ]; then
    ES_JAVA_HOME=$(cat "$home/.java_home")
    export ES_JAVA_HOME ES_PATH_CONF=$dir/config ES_TMPDIR=$dir/tmp ES_JAVA_OPTS="-Xms$heap -Xmx$heap"
    start_elasticsearch
  else
    OPENSEARCH_JAVA_HOME=$("$here/runtime.sh" | tail -1)
    export OPENSEARCH_JAVA_HOME OPENSEARCH_PATH_CONF=$dir/config OPENSEARCH_TMPDIR=$dir/tmp
    export OPENSEARCH_JAVA_OPTS="-Xms$heap -Xmx$heap"
    start_opensearch
  fi
  cat "$dir/url"
  ;;
stop)
  alive || { echo 'not running'; exit 0; }
  pid=$(cat "$pid_file")
  kill "$pid"
  for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.2; done
  kill -0 "$pid" 2>/dev/null && kill -9 "$pid"
  rm -f "$pid_file"
  echo stopped
  ;;
status)
  alive || { echo 'not running'; exit 3; }
  echo "$(cat "$dir/url") $product $(get '/?filter_path=version.number' | grep -oE '[0-9]+\.[0-9.]+')"
  ;;
*) echo "$command: start, stop or status is expected" >&2; exit 2 ;;
esac
