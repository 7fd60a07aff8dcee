import glob, os, tempfile, time
from pathlib import Path
STALE_SECONDS = 3600
def expanded(path):
    return Path(path).expanduser()
def write_atomically(path, contents):
    """Write bytes to ``path`` under another name first, flushed to the disk and then renamed: never half a file."""
    for leftover in path.parent.glob(f".{glob.escape(path.name)}.*.partial"):  # of a process that was killed while it wrote
        if time.time() - leftover.stat().st_mtime > STALE_SECONDS:
            leftover.unlink(missing_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(contents)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


