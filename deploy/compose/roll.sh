#!/usr/bin/env bash
# Replaces the replicas of one service by ones of the image that is there now (docker compose build), without downtime:
#
#     deploy/compose/roll.sh matching [how many there are to be; as many as run where not given]
#
# A new replica is healthy before an old one is stopped, so callers are answered throughout, also where there is but one.
# Old ones that are not healthy go first; those beyond the number go without a new one in their place.
# Exit code 2 for a number that is none: nothing was touched. 1 where none runs, and where a new one does not come up,
# which is taken away again while all that ran go on.
# Broken off, call it again with the number.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
usage="usage: deploy/compose/roll.sh SERVICE [REPLICAS, at least 1]"
if [ $# -lt 1 ] || [ $# -gt 2 ] || ! [[ ${2-1} =~ ^[1-9][0-9]{0,2}$ ]]; then
    echo "$usage" >&2
    exit 2
fi
service=$1
within=300 # seconds; a replica that is not ready after its start period of 180 s is unhealthy 30 s later

come_up() { # whether these do; not `up --wait`, which asks the old ones too
    local replica state until=$((SECONDS + within))
    for replica; do
        while true; do
            state=$(docker inspect --format '{{.State.Status}} {{.RestartCount}} {{.State.Health.Status}}' "$replica") || return 1
            case $state in
            "running 0 healthy") break ;;
            "created 0 "* | "running 0 starting") ;;
            *) return 1 ;;
            esac
            [ $SECONDS -lt $until ] || return 1
            sleep 1
        done
    done
}

old=$(docker compose ps --quiet "$service")
if [ -z "$old" ]; then
    echo "roll: no replica of $service runs: start it with docker compose up --detach --wait --no-recreate" >&2
    exit 1
fi
docker compose rm --force "$service" >/dev/null # of old ones that have ended, `up` would start one instead of making a new one
replicas=${2:-$(wc -w <<<"$old")}
unhealthy="" healthy=""
for replica in $old; do
    case $(docker inspect --format '{{.State.Status}} {{.State.Health.Status}}' "$replica") in
    "running healthy") healthy+=" $replica" ;;
    paused*) unhealthy+=" $replica" && docker unpause "$replica" >/dev/null ;; # beside a paused one Compose starts none
    *) unhealthy+=" $replica" ;;
    esac
done
for replica in $unhealthy $healthy; do
    known=$(docker compose ps --all --quiet "$service")
    if [ "$(wc -w <<<"$known")" -le "$replicas" ]; then
        started=true
        docker compose up --detach --no-deps --no-build --no-recreate --scale "$service=$((replicas + 1))" "$service" || started=false
        new=$(docker compose ps --all --quiet "$service" | grep -vxF "$known" || true)
        # shellcheck disable=SC2086 # one word for each
        if [ $started = false ] || ! come_up $new; then
            for failed in $new; do
                docker logs --tail 20 "$failed" >&2
                docker rm --force "$failed" >/dev/null
            done
            echo "roll: no new replica of $service comes up; what ran goes on" >&2
            exit 1
        fi
    fi
    docker stop "$replica" >/dev/null # with the grace period of the compose file
    docker rm "$replica" >/dev/null
    echo "roll: ${replica:0:12} of $service is gone"
done
echo "roll: $service runs in $(docker compose ps --quiet "$service" | wc -w) replicas, none of them from before"
