// The hidden file that a script writes in before it has its name. Others may be able to write to the folder: the name of the hidden
// file can be another file's at any time, so rights are given to what is open on descriptor 7, and only from what is the person's own.

/** For scripts, after the prelude: `hide`, then one of `as_new` and `as_old`, then `same` right before it gets its name. */
export const HIDDEN = `
file=/proc/self/fd/7
mode_of() { stat -c %a - <&"$1"; }
no_wider() { [ -n "$1" ] && [ $((0$(mode_of 7) & ~0$1)) = 0 ]; }
# By the umask, or by the folder's access list, which leaves no umask: only a new file tells, in a folder that nobody else can open.
# Nothing ends it on its way, so it leaves nothing behind.
new_mode() {
  trap '' TERM HUP INT
  probe=$(mktemp -d ./.berth-new-XXXXXXXXXX 2>/dev/null) && {
    ( cd -P -- "$probe" && [ -O . ] || exit; set -C; stat -c %a - 0>new; rm -f -- new ) 2>/dev/null
    rmdir -- "$probe" 2>/dev/null
  }
  trap - TERM HUP INT
}
# Some file systems give every file the same rights, or refuse chmod(2): that is no harm where they are no wider.
mode() { said=$(chmod -- "$1" "$file" 2>&1) || no_wider "\${2-$1}" || no 28 "$said"; }
# For nobody else to read. An access list that the folder gives to new files goes before the umask.
hide() {
  mask=$(umask); umask 077; set -C; exec 7>"$1"; set +C; umask "$mask"
  said=$(chmod 600 -- "$file" 2>&1) || no_wider "$(new_mode)" || no 28 "$said"
}
open_on() { stat -c %d:%i - <&"$1"; }
same() { [ "$(stat -c %d:%i -- "$1" 2>/dev/null)" = "$(open_on 7)" ]; }
as_new() {
  wanted=$(new_mode)
  if [ -n "$wanted" ]; then mode "$(printf %o $((0$wanted & 0666)))" "$wanted"
  else
    # No room for one more file. An access list would get by this what it does not give.
    case $(ls -ld .) in ??????????+*) ;; *) chmod =rw -- "$file" 2>/dev/null ;; esac
  fi
  :
}
# As the person's own file on that descriptor: its access list, too, instead of the folder's, which some cp(1) leave. What was its
# group's is for no other group, nor for one that an access list kept out; and what is new runs with nobody's rights.
as_old() {
  # Another process gave it the name just now, and with it its rights.
  [ "$(open_on "$1")" != "$(open_on 7)" ] || return 0
  old=$(printf %o $((0$(mode_of "$1") & 0777))) kept=no
  setfacl -b -- "$file" 2>/dev/null
  chgrp --reference="/proc/self/fd/$1" -- "$file" 2>/dev/null
  if [ "$(stat -c %g - <&"$1")" = "$(stat -c %g - <&7)" ]; then
    cp --attributes-only --preserve=mode -- "/proc/self/fd/$1" "$file" 2>/dev/null || no_wider "$old" && kept=yes
  fi
  [ "$kept" = yes ] || mode "$(printf %o $((0$old & 0707)))"
  no_wider "$old" || mode "$old"
}
`;
