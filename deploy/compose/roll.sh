#!/usr/bin/env bash
# Replaces the replicas of one service by ones of the image that is there now (docker compose build), without downtime:
#
#     deploy/compose/roll.sh matching [how many there are to be; as many as run where not given]
#
# A new replica is healthy before an old one is stopped, so callers are answered throughout, also where there is but one.
# Exit code 1 where none runs, and where a new one does not come up, which is taken away again while all that ran go on.
# Broken off, call it again with the number.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
service=${1:?usage: deploy/compose/roll.sh SERVICE [REPLICAS]}

old=$(docker compose ps --quiet "$service")
if [ -z "$old" ]; then
    echo "roll: no replica of $service runs: start it with docker compose up --detach --wait --no-recreate" >&2
    exit 1
fi
docker compose rm --force "$service" # of old ones that have ended, `up` would start one instead of making a new one
replicas=${2:-$(wc -w <<<"$old")}
for replica in $old; do
    known=$(docker compose ps --all --quiet "$service")
    if ! docker compose up --detach --wait --no-deps --no-build --no-recreate --scale "$service=$((replicas + 1))" "$service"; then
        new=$(docker compose ps --all --quiet "$service" | grep -vxF "$known" || true)
        for failed in $new; do
            docker logs --tail 20 "$failed" >&2
            docker rm --force "$failed"
        done
        echo "roll: no new replica of $service comes up; what ran goes on" >&2
        exit 1
    fi
    docker stop "$replica" # with the grace period of the compose file
    docker rm "$replica"
done
