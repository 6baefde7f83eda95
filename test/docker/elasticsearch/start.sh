#!/bin/bash
# Starts Elasticsearch in its container as the official image does: a variable with a dot is a setting. A shell drops such
# names, so they are read from what the kernel keeps.
set -euo pipefail
{
  echo 'network.host: 0.0.0.0'
  tr '\0' '\n' < "/proc/$$/environ" | sed -n 's/^\([a-z_]*\.[a-z_.]*\)=/\1: /p'
} > config/elasticsearch.yml
if [ ! -e config/elasticsearch.keystore ]; then
  bin/elasticsearch-keystore create -s
  tr -d '\n' < "$ELASTIC_PASSWORD_FILE" | bin/elasticsearch-keystore add -x -s bootstrap.password
fi
exec bin/elasticsearch
