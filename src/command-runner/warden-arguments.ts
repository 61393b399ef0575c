/**
 * A command that starts a program inside a PID namespace, waits for it and tells how it went on descriptor 3, in lines:
 *
 * - `started`, `missing` or `forbidden` before anything else: whether there is such a program and it may be run;
 * - `left` when the program has ended and others still live. It then waits for a line, or for the other end to be
 *   closed, and looks again;
 * - `left <count>` for those that live still.
 *
 * It ends with the program's exit code, or with 128 + the number of the signal that killed it. The program does not
 * inherit the descriptor, so that it cannot report in the warden's place.
 *
 * A shell, because it costs a millisecond where Node costs forty. It hands on the whole environment but PWD, OLDPWD,
 * SHLVL, and names that are none to a shell (POSIX, "Name").
 *
 * @param program the name that is looked for; `argv` when nothing stands between
 * @param argv what is started
 */
export function wardenArguments(program: string, argv: readonly string[]): readonly string[] {
  return [SHELL, '-c', SCRIPT, 'warden', program, ...argv];
}

/** Every Linux has it there. */
export const SHELL = '/bin/sh';

// Everything is done by the shell itself: where a program has used up all processes, nothing else can be started.
const SCRIPT = `
# What is caught, rather than ignored, is the program's own again once it is started.
trap : HUP INT QUIT TERM PIPE
exec 5>&2 2>/dev/null

mosaic_look() (
  set -f
  mosaic_state=missing
  case $1 in
    */*) set -- "$1" ;;
    *) mosaic_name=$1 IFS=:; set -- \${PATH-/usr/bin:/bin}; for mosaic_folder; do shift; set -- "$@" "\${mosaic_folder:-.}/$mosaic_name"; done ;;
  esac
  for mosaic_path; do
    if [ -f "$mosaic_path" ]; then
      if [ -x "$mosaic_path" ]; then mosaic_state=started; break; fi
      mosaic_state=forbidden
    fi
  done
  printf '%s\\n' "$mosaic_state" >&3
  [ "$mosaic_state" = started ]
)

mosaic_count() {
  mosaic_left=0
  for mosaic_path in /proc/[0-9]*; do
    case $mosaic_path in /proc/1 | /proc/$$) continue ;; esac
    if read -r mosaic_state <"$mosaic_path/stat"; then
      # After the name, which may hold anything: the state. A zombie runs no more.
      case \${mosaic_state##*) } in [ZX]*) ;; *) mosaic_left=$((mosaic_left + 1)) ;; esac
    fi
  done
}

mosaic_look "$1" || exit 127
shift
(
  unset PWD OLDPWD SHLVL
  exec 2>&5 3>&- 5>&-
  exec "$@"
)
mosaic_code=$?
mosaic_count
if [ $mosaic_left -gt 0 ]; then
  printf 'left\\n' >&3
  read -r mosaic_state <&3
  mosaic_count
  printf 'left %s\\n' $mosaic_left >&3
fi
exit $mosaic_code
`;
