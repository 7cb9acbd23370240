// Many small files in one program. They come as a tar, are unpacked where nobody looks, and get their names when all of them are
// there: whole folders that are new by one rename, the others file by file by link(2), which takes the place of nothing.

const STALE_MINUTES = 1440;

// `end` in the archive is what tells a whole one from one that broke off between two files, which tar(1) takes for its end.
// `mv -n` of a new name and `cp -l` of a new file are atomic; neither goes through a link in place of a folder. What is left
// has one name still, and is told with why: x when a file of that name is there, o for what else stood in the way.
// A killed program leaves its folder: it is removed here a day later, or at once when the portal still can.
/**
 * folder, id, confirm; a tar of \`in/...\` and \`end\` on stdin -> the real folder, then x or o and a path for each file that was
 * left, and o for each folder that could not be made.
 */
export const BATCH = `
enter "$1"; confirmed "$3"; temp=./.berth-batch-$2
find . -maxdepth 1 -name '.berth-batch-*' -mmin +${STALE_MINUTES} -user "$(id -u)" -exec rm -rf -- {} + 2>/dev/null
mkdir -m 700 -- "$temp" || exit 28
trap 'rm -rf -- "$temp"; exit 28' TERM HUP INT
said=$(tar --extract --touch --no-same-owner --no-same-permissions --directory="$temp" --file=- 2>&1) && [ -f "$temp/end" ] || {
  rm -rf -- "$temp"; no 28 "$said"
}
sync -f -- "$temp" 2>/dev/null
printf '%s\\0' "$HERE"
if [ -d "$temp/in" ]; then
  find "$temp/in" -mindepth 1 -maxdepth 1 -exec mv -n -t . -- {} + 2>/dev/null
  cp -rlP --no-clobber -- "$temp/in/." . 2>/dev/null
  ( cd -- "$temp/in" && find . -mindepth 1 \\( -type d -o -type f -links 1 \\) -exec sh -c '
    for at; do
      if [ -d "$at" ]; then [ -d "../../$at" ] || printf "o\\\\0%s\\\\0" "$at"
      elif [ -d "../../$at" ] && [ ! -L "../../$at" ]; then printf "o\\\\0%s\\\\0" "$at"
      elif [ -f "../../$at" ] && [ ! -L "../../$at" ] && cmp -s -- "$at" "../../$at"; then :
      elif [ -e "../../$at" ] || [ -L "../../$at" ]; then printf "x\\\\0%s\\\\0" "$at"; else printf "o\\\\0%s\\\\0" "$at"; fi
    done' sh {} + )
fi
rm -rf -- "$temp"
:`;

/** folder, id: of a batch whose program was ended. */
export const UNBATCH = `
enter "$1"
rm -rf -- "./.berth-batch-$2"`;
