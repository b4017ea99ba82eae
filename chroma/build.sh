#!/bin/sh
# Build hook of the application "chroma": puts bin/chroma into the application's directory. See scripts/upsun-build.
set -eu
exec "$(dirname "$0")/../scripts/upsun-build" chroma
