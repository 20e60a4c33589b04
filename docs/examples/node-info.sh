#!/bin/sh
# Asks a node who it is, with curl and openssl alone. The token is sent to the node with this id and to nobody else.
#
#     TOKEN=csk_… sh node-info.sh 192.168.1.100 9473 <node id>
#
# `cider fleet status` says the id, or GET /v1/node on the machine itself. Exit codes: 3 another node, else curl's.
set -eu
host=$1 port=$2 node=$3

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Anybody may have the node's certificate, and anybody may answer here: nothing is sent, nothing is believed yet.
curl -sS --fail --insecure --max-time 30 -o "$folder/answered.pem" "https://$host:$port/v1/node/ca.pem"

# Only the first certificate is kept: a second one in the file would be trusted by curl and checked by nobody.
openssl x509 -in "$folder/answered.pem" -out "$folder/ca.pem"

# The node id is made of the first 16 bytes of SHA-256 of the public key (docs/protocol/01-identity.md).
hash=$(openssl x509 -in "$folder/ca.pem" -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -r)
part() { printf %s "$hash" | cut -c "$1"; }
id=$(part 1-8)-$(part 9-12)-8$(part 14-16)-$(printf %x $((0x$(part 17) & 3 | 8)))$(part 18-20)-$(part 21-32)
if [ "$id" != "$node" ]; then
  echo "the node at $host:$port is $id, not $node; nothing was sent" >&2
  exit 3
fi

# From stdin, not as an argument: other accounts can read the arguments of a program.
printf 'header = "Authorization: Bearer %s"\n' "$TOKEN" |
  curl -sS --fail-with-body --max-time 30 --config - --cacert "$folder/ca.pem" "https://$host:$port/v1/node"
