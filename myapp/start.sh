#!/bin/sh
# Starts the sample app on Upsun. It listens on PORT, and finds the database by the relationship's variables.
set -eu
cd "${PLATFORM_APP_DIR:-$(dirname "$0")/..}"
# Again, if the platform has done so: it does no harm.
. ./.environment
if [ ! -x bin/myapp ]; then
  echo "myapp/start.sh: there is no bin/myapp here. The build hook, myapp/build.sh, makes it." >&2
  exit 69
fi
: "${PORT:?is set by the platform; elsewhere set it, or use \`make run\`}"
# exec: signals go to the app.
exec bin/myapp serve
