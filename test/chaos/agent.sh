#!/usr/bin/env bash
# What an agent of the chaos harness does in one step on an issue: takes the issue's lock, shouts if somebody alive holds
# it, works a moment, and leaves a process behind that holds the lock on, unless the coordinator ends it.
# agent.sh FOLDER ISSUE STEP SECONDS
set -u
folder=$1 issue=$2 step=$3 seconds=$4
name=${issue//[\/#]/_}

# One write to a file that is opened for appending is never mixed with another's.
note() { printf '%s %s %s %s %s %s\n' "$1" "$issue" "${EPOCHREALTIME/[.,]/}" "$$" "$step" "$PWD" >>"$folder/agents.log"; }

exec 9>>"$folder/locks/$name"
flock --nonblock 9 || note shout
note start
mkdir -p answers
printf 'step %s\n' "$step" >>"answers/$name.txt"
sleep "$seconds"
note end
(setsid sleep 30 </dev/null >/dev/null 2>&1 &)
