#!/bin/sh
# Build hook of the application "myapp": bin/myapp, and the embedding model in models/. See scripts/upsun-build.
set -eu
exec "$(dirname "$0")/../scripts/upsun-build" myapp
