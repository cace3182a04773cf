#!/usr/bin/env bash
# Generates Go and TypeScript from proto/*.proto below the folder given (default: in place).
#   proto/generate.sh [out]
# The words live under the virtual path desk/v1, so that the file names in the registry are ours alone.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-.}

# Generated code names the compiler's version: with another one it would never compare equal. Debian 12 and
# Ubuntu 24.04 ship this one.
want="libprotoc 3.21.12"
have=$(protoc --version 2>/dev/null || echo "no protoc")
if [ "$have" != "$want" ]; then
  echo "proto/generate.sh: needs $want, found $have (Debian: apt-get install protobuf-compiler; elsewhere: protobuf release v21.12)" >&2
  exit 1
fi

go build -o .cache/bin/protoc-gen-go google.golang.org/protobuf/cmd/protoc-gen-go # the version of go.mod
words=(desk/v1/agent.proto desk/v1/ticket.proto desk/v1/routing.proto desk/v1/bot.proto desk/v1/setting.proto desk/v1/draft.proto desk/v1/team.proto desk/v1/work.proto desk/v1/side.proto desk/v1/channel.proto desk/v1/event.proto desk/v1/leaving.proto desk/v1/command.proto desk/v1/record.proto desk/v1/frame.proto)

mkdir -p "$out/web/src/gen"
protoc -I desk/v1=proto "${words[@]}" \
  --plugin=.cache/bin/protoc-gen-go --go_out="$out" --go_opt=module=github.com/centralita/centralita
protoc -I desk/v1=proto "${words[@]}" \
  --plugin=protoc-gen-es=web/node_modules/.bin/protoc-gen-es --es_out="$out/web/src/gen" --es_opt=target=ts
