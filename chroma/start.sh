#!/bin/sh
# Starts the database on Upsun, where nginx of the same container passes on what reaches the application. The rest of its
# settings is in the environment: .upsun/config.yaml.
set -eu
cd "${PLATFORM_APP_DIR:-$(dirname "$0")/..}"
# Again, if the platform has done so: it does no harm.
. ./.environment
if [ ! -x bin/chroma ]; then
  echo "chroma/start.sh: there is no bin/chroma here. The build hook, chroma/build.sh, makes it." >&2
  exit 69
fi
# exec: signals go to the server.
exec bin/chroma run --host 0.0.0.0 --port "${PORT:?is set by the platform; elsewhere set it, or use \`make run\`}"
