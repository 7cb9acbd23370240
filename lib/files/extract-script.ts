// Unpacking an archive on the cluster. What an archive says is not believed: no entry leaves the new folder, whatever its name or an
// entry before it; the bytes that really come are counted, not those that are announced. Python's standard library reads the formats.
import { LOOP, STEPS } from "@/lib/files/action-steps";

/** Bytes beyond which the ratio counts. */
const FREE_BYTES = 100 * 1024 * 1024;
const MAX_ENTRIES = 1_000_000;
export const TOO_MUCH = 31;

// The archive is open on descriptor 3, the new folder is where it runs. Each folder on the way is opened without following links, and
// each file is made by its folder's descriptor, so a link that an earlier entry made leads nowhere.
export const PYTHON = `
import binascii, os, stat, sys, tarfile, time, zipfile
index, limit, ratio = os.fsencode(sys.argv[1]), int(float(sys.argv[2])), float(sys.argv[3])
source = os.fdopen(3, "rb")
size = os.fstat(3).st_size
allowed = min(limit, max(${FREE_BYTES}, int(size * ratio)))
written, told, entries = 0, time.time(), 0

class Refused(Exception): pass

# Each compression has errors of its own, and a Python may lack some.
broken = [EOFError]
try: import zlib; broken.append(zlib.error)
except ImportError: pass
try: import lzma; broken.append(lzma.LZMAError)
except ImportError: pass

def tell(kind, first, second):
    sys.stdout.buffer.write(b"\\0".join([kind, index, first, second, b""])); sys.stdout.buffer.flush()

def wrote(count):
    global written, told
    written += count
    if written > allowed: sys.exit(${TOO_MUCH})
    if time.time() - told > 1: told = time.time(); tell(b"p", str(written).encode(), b"")

def parts(name):
    if name.startswith(b"/"): raise Refused("It has an absolute path.")
    found = [part for part in name.split(b"/") if part not in (b"", b".")]
    if b".." in found: raise Refused("Its path leads out of the folder.")
    if any(len(part) > 255 for part in found): raise Refused("Its name is too long.")
    return found

# Folders that are to be closed to somebody, by their path: once all is in them.
narrow = {}
umask = os.umask(0); os.umask(umask)
# None: it is not told.
def made(found, mode):
    os.close(folder(found))
    if mode is not None and 0o777 & ~umask & ~(mode | 0o700): narrow[b"/".join(found)] = mode
    else: narrow.pop(b"/".join(found), None)

def close_folders():
    for path in sorted(narrow, key=lambda path: path.count(b"/"), reverse=True):
        try: at = folder(path.split(b"/"))
        except (Refused, OSError): continue
        # What the folder has by an access list, or by the one that it is in, is taken away at most.
        try: os.fchmod(at, stat.S_IMODE(os.fstat(at).st_mode) & (narrow[path] | ~0o777 | 0o700))
        except OSError as reason: tell(b"x", path[:4096], b"It could not be closed to others: " + str(reason)[:200].encode())
        finally: os.close(at)

def folder(found, makes=True):
    at = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
    for part in found:
        try: makes and os.mkdir(part, 0o777, dir_fd=at)
        except FileExistsError: pass
        try: inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
        except OSError: raise Refused("A folder on its path is something else.")
        finally: os.close(at)
        at = inner
    return at

def link(found, target):
    ups = 0
    steps = [part for part in target.split(b"/") if part not in (b"", b".")]
    while ups < len(steps) and steps[ups] == b"..": ups += 1
    if target == b"" or target.startswith(b"/") or ups > len(found) - 1 or b".." in steps[ups:]:
        raise Refused("It is a link that leads out of the folder.")
    at = folder(found[:-1])
    try: os.symlink(target, found[-1], dir_fd=at)
    finally: os.close(at)

def is_plain(name, at):
    try: return stat.S_ISREG(os.stat(name, dir_fd=at, follow_symlinks=False).st_mode)
    except FileNotFoundError: return False

# Of a file that is unpacked already: the library would look for it in all of the archive.
def same(found, target):
    gone = Refused("It is a hard link to something that is not here.")
    if not target: raise gone
    try: there, at = folder(target[:-1], False), None
    except Refused: raise gone
    try:
        try: kind = stat.S_IFMT(os.stat(target[-1], dir_fd=there, follow_symlinks=False).st_mode)
        except FileNotFoundError: raise gone
        # Judged anew: what it leads to depends on where it stands.
        if kind == stat.S_IFLNK: return link(found, os.readlink(target[-1], dir_fd=there))
        if kind != stat.S_IFREG: raise gone
        at = folder(found[:-1])
        if found == target: return
        if is_plain(found[-1], at): os.unlink(found[-1], dir_fd=at)
        try: os.link(target[-1], found[-1], src_dir_fd=there, dst_dir_fd=at, follow_symlinks=False)
        except FileExistsError: raise
        # Not every file system has them, nor as many.
        except OSError: again(found, os.open(target[-1], os.O_RDONLY | os.O_NOFOLLOW, dir_fd=there))
    finally:
        os.close(there)
        if at is not None: os.close(at)

def again(found, source):
    with os.fdopen(source, "rb") as content:
        about = os.fstat(source)
        plain(found, content, stat.S_IMODE(about.st_mode), about.st_mtime)

def plain(found, content, mode, when):
    at = folder(found[:-1])
    try:
        # What comes later under a name is newer: so tar appends.
        if is_plain(found[-1], at): os.unlink(found[-1], dir_fd=at)
        out = os.open(found[-1], os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, (mode or 0o666) & 0o777, dir_fd=at)
        # What is not whole, or not what was packed, is not kept.
        try: fill(out, content, when)
        except Exception: os.unlink(found[-1], dir_fd=at); raise
    finally: os.close(at)

def fill(out, content, when):
    with os.fdopen(out, "wb") as file:
        while True:
            some = content.read(1 << 20)
            if not some: break
            wrote(len(some)); file.write(some)
        file.flush()
        try: os.utime(out, (when, when))
        except (OSError, OverflowError, ValueError): pass

# Seconds since 1970 where they are told beside the old date, which is of whatever time zone: APPNOTE.TXT, 4.5.3, Info-ZIP's 0x5455.
def time_of(entry):
    extra = entry.extra
    while len(extra) >= 4:
        kind, end = int.from_bytes(extra[:2], "little"), 4 + int.from_bytes(extra[2:4], "little")
        if kind == 0x5455 and end >= 9 and len(extra) >= 9 and extra[4] & 1: return int.from_bytes(extra[5:9], "little", signed=True)
        extra = extra[end:]
    try: return time.mktime(entry.date_time + (0, 0, -1))
    except (OverflowError, ValueError): return time.time()

# Who writes a name in old bytes may write it beside them in UTF-8, which Python reads since 3.12 only: APPNOTE.TXT, 4.6.9.
def name_of(entry):
    if entry.flag_bits & 0x800: return entry.filename.encode("utf-8", "surrogateescape")
    name, extra = entry.orig_filename.encode("cp437"), entry.extra
    check = b"\\1" + binascii.crc32(name).to_bytes(4, "little")
    while len(extra) >= 4:
        kind, end = int.from_bytes(extra[:2], "little"), 4 + int.from_bytes(extra[2:4], "little")
        if kind == 0x7075 and end > 9 and extra[4:9] == check: name = extra[9:end]
        extra = extra[end:]
    return name.split(b"\\0")[0]

def from_zip():
    archive = zipfile.ZipFile(source)
    for entry in archive.infolist():
        name = name_of(entry)
        mode = entry.external_attr >> 16
        def take(found, entry=entry, mode=mode, when=time_of(entry)):
            if entry.is_dir(): return made(found, stat.S_IMODE(mode) if mode else None)
            if stat.S_ISLNK(mode):
                if entry.file_size > 4096: raise Refused("It is a link that leads out of the folder.")
                return link(found, archive.read(entry))
            if stat.S_IFMT(mode) not in (0, stat.S_IFREG): raise Refused("It is not a file, folder or link.")
            with archive.open(entry) as content: plain(found, content, mode, when)
        def whole(found, take=take):
            try: take(found)
            except tuple(broken) as reason: raise Refused("It is damaged: " + str(reason)[:200])
            except OSError as reason:
                # Those of the system have a number.
                if reason.errno is not None: raise
                raise Refused("It is damaged: " + str(reason)[:200])
        yield name, whole

# Only the mark at its end ends a tar: the library takes a damaged header, or none, for that as well.
class Entry(tarfile.TarInfo):
    @classmethod
    def fromtarfile(cls, archive):
        try: return super().fromtarfile(archive)
        except tarfile.EOFHeaderError: raise
        except tarfile.HeaderError as reason: raise tarfile.ReadError("it is damaged or was cut off: " + str(reason))

def from_tar():
    archive = tarfile.open(fileobj=source, mode="r:*", tarinfo=Entry, encoding="utf-8", errors="surrogateescape")
    while True:
        # Of an empty one some Pythons would look before its beginning.
        entry = archive.next() if archive.offset else None
        if entry is None: break
        # The library keeps what it has read; nothing here asks for it.
        archive.members = []
        def take(found, entry=entry):
            if entry.isdir(): return made(found, stat.S_IMODE(entry.mode))
            target = entry.linkname.encode("utf-8", "surrogateescape")
            if entry.issym(): return link(found, target)
            if entry.islnk(): return same(found, parts(target))
            if not entry.isreg(): raise Refused("It is not a file, folder or link.")
            plain(found, archive.extractfile(entry), entry.mode, entry.mtime)
        yield entry.name.encode("utf-8", "surrogateescape"), take
    # Two blocks of zeros are the end, and one may stand in place of a header.
    archive.fileobj.seek(archive.offset + 512)
    if any(archive.fileobj.read(512)): raise tarfile.ReadError("it is damaged: there is more after its end")
    # The sum of what was compressed comes last. Some pad a tar with anything; but of a second one nobody must think that it is here.
    more = False
    while True:
        rest = archive.fileobj.read(1 << 20)
        if not rest: break
        wrote(len(rest))
        more = more or rest.count(0) != len(rest)
    if more: tell(b"x", b"...", b"What comes after the end of the archive was left out.")

try:
    # By how it begins: a tar whose last file is a zip ends like one.
    is_zip = source.read(4) in (b"PK\\3\\4", b"PK\\5\\6"); source.seek(0)
    for name, take in (from_zip() if is_zip else from_tar()):
        entries += 1
        wrote(0)
        if entries > ${MAX_ENTRIES}: sys.exit(${TOO_MUCH})
        try:
            found = parts(name)
            if found: take(found)
        except Refused as reason: tell(b"x", name[:4096].replace(b"\\0", b""), str(reason).encode())
        except FileExistsError: tell(b"x", name[:4096], b"It is there twice.")
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, KeyError) as reason: tell(b"x", name[:4096], str(reason)[:200].encode())
    close_folders()
except OSError as reason: sys.exit(str(reason)[:200])
# Each compression has errors of its own.
except Exception as reason: sys.exit("This is no archive that can be read: " + str(reason)[:200])
`;

// Where there is something of the name, the new folder has a number.
/** folder to unpack into, name of the new folder, id, most bytes, most times its own size, PYTHON, confirm. */
export const EXTRACT = `${STEPS}
raw "$6"; PYTHON=$R
command -v python3 >/dev/null 2>&1 || no 28 "Unpacking needs python3 on the login node."
into "$1"; confirmed "$7"; sweep; to=$1; raw "$2"; base=$R id=$3 limit=$4 ratio=$5 overwrite=no
item() {
  opened "$1" "$2"
  enter "$to"
  as=$base
  there "./$as" && numbered "$base" ""
  temp=./.berth-copy-$id
  # In a folder that nobody else can open: what is new there has the rights that it would have here, by umask or access list.
  mkdir -m 700 -- "$temp" || exit 28
  mkdir -- "$temp/in" || { rmdir -- "$temp"; exit 28; }
  ( cd -P -- "$temp/in" && exec python3 -I -c "$PYTHON" "$index" "$limit" "$ratio" )
  code=$?
  [ "$code" = 0 ] || { remove "$temp"; [ "$code" = ${TOO_MUCH} ] && exit ${TOO_MUCH}; exit 28; }
  mv -nT -- "$temp/in" "./$as"
  there "$temp/in" && { remove "$temp"; exit 24; }
  rmdir -- "$temp"
  tell "$INTO/$as"
}
${LOOP}`;
