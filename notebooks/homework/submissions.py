"""What classes really send in: how nbgrader collects it for this course.

``nbgrader_config.py`` plugs these in. What a student made stays as it came: the archive and the
submission are never changed, only the copies that are graded.
"""

import json
import re
import shutil
import unicodedata
from pathlib import Path

import nbformat
from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin
from nbgrader.utils import parse_utc, unzip
from reading import marked

# Whose file is it? The student stands before _hw1.ipynb, or is the folder: ada_hw1.ipynb,
# ada/hw1.ipynb, ada/hw1/hw1.ipynb. What platforms add is not part of the name: Canvas's
# lovelaceada_LATE_42_77_hw1-1.ipynb, Moodle's "Ada Lovelace_42_assignsubmission_file/hw1.ipynb".
OWNER = r"""(?xs)
    .*[/\\]extracted[/\\] (?:.*[/\\])?
    (?P<student_id> (?!hw\d+[/\\_.\ (-]|\.|__MACOSX) [^/\\]+? )
    (?: _\d+_assignsubmission_[^/\\]*? | _(?P<late>(?i:late)_)?\d+_\d+(?:_[^/\\]*?)?
      | _hw\d+(?:\ ?\(\d+\)|-\d+)?(?=[/\\]) )?"""
NAMES = rf"""{OWNER} [_/\\] (?: hw\d+ [/\\] )*
    (?P<file_id> hw\d+ ) (?: -Copy\d+ | \ ?\(\d+\) | -\d+ )? \.ipynb $"""
ANY_NAME = rf"{OWNER} [_/\\] [^/\\]+ $"
ATTEMPT = re.compile(r" ?\((\d+)\)(?=[/\\.])|-(\d+)(?=\.ipynb$)")
HARMLESS = str.maketrans("[]*?", "()--")
COLLECTED = "collected.json"  # what the summary tells of files that were not collected


def attempt(path):
    """What sorts the files of one student: the last is the newest.

    "hw1 (1).ipynb" and "hw1-1.ipynb" come after "hw1.ipynb"; "hw1-Copy1.ipynb", by which Jupyter
    means a spare copy, before it.
    """
    numbers = [int(a or b) for a, b in ATTEMPT.findall(str(path))]
    return "-Copy" not in path.name, numbers, str(path)


def clean(name):
    """A name as most systems write it: ü is one letter, not u and two dots; no spaces around it.

    Archives that do not say that their names are UTF-8 are read as if they were of the DOS age. A
    name with brackets or stars is a pattern to nbgrader, and it would find no file.
    """
    try:
        name = name.encode("cp437").decode("utf-8")
    except UnicodeError:
        pass
    return unicodedata.normalize("NFC", name).translate(HARMLESS).strip()


def names_of(path):
    """The names of a notebook's cells of homework; none if it cannot be read."""
    try:
        return set(marked(nbformat.read(path, as_version=4)))
    except Exception:  # a student may call anything a notebook
        return set()


def is_clutter(path):
    """Whether a computer left the file there, not a student."""
    return any(part.startswith((".", "__MACOSX")) for part in path.parts) or (
        path.name in ("timestamp.txt", "Thumbs.db", "desktop.ini")
        or path.stem.endswith("-checkpoint")
    )


class Extractor(ExtractorPlugin):
    """Unpacks what a learning platform gives, file by file, and leaves one notebook per student.

    What it leaves out it names in the log, and for the summary in ``collected.json``.
    """

    def extract(self, archive_path, extracted_path):
        self.root, self.told = Path(extracted_path), []
        for source in sorted(Path(archive_path).rglob("*")):
            if source.is_file():
                self.unpack(source, Path(extracted_path, source.relative_to(archive_path)).parent)
        for path in sorted(self.root.rglob("*"), key=lambda path: -len(path.parts)):
            self.settle(path)
        self.recognise()
        late = self.leave_the_newest()
        report = {"late": sorted(late), "left out": self.told}
        text = json.dumps(report, indent=1, ensure_ascii=False)
        (self.root.parent / COLLECTED).write_text(text, encoding="utf-8")

    def leave_out(self, path, why, student=""):
        """Name a file that is not collected, and whose it is, if that is known."""
        name = str(path.relative_to(self.root)) if path.is_relative_to(self.root) else path.name
        self.told.append({"student": student, "file": name, "why": why})
        self.log.warning("Not collected: %s: %s", name, why)

    def unpack(self, source, folder):
        folder.mkdir(parents=True, exist_ok=True)
        if source.suffix not in self.zip_ext:
            shutil.copy(source, folder)
            return
        try:
            unzip(str(source), str(folder), self.zip_ext, create_own_folder=True, tree=True)
        except Exception as error:  # one bad file must not keep the rest of a class out
            self.leave_out(source, "cannot be unpacked", clean(source.stem))
            self.log.error("  %s", error)

    def settle(self, path):
        """Give a file or folder its clean name; beside another of that name, a number as well."""
        wanted = path.with_name(clean(path.name) or "unnamed")
        if wanted == path:
            return
        if wanted.is_dir() and path.is_dir():
            shutil.copytree(path, wanted, dirs_exist_ok=True)
            shutil.rmtree(path)
            return
        while wanted.exists():
            number = sum(map(int, re.findall(r"\((\d+)\)$", wanted.stem))) + 1
            stem = re.sub(r" \(\d+\)$", "", wanted.stem)
            wanted = wanted.with_name(f"{stem} ({number}){wanted.suffix}")
        path.rename(wanted)

    def files(self):
        """[(path, what NAMES makes of it)] of all files that somebody sent in."""
        pattern = FileNameCollectorPlugin(parent=self.parent).named_regexp
        files = sorted(path for path in self.root.rglob("*") if path.is_file())
        return [
            (path, re.match(pattern, str(path)))
            for path in files
            if not is_clutter(path.relative_to(self.root))
        ]

    def recognise(self):
        """Call a notebook under any other name what it is, if it holds this homework's cells."""
        course, files = self.parent.coursedir, self.files()
        name = course.assignment_id
        release = course.format_path(course.release_directory, ".", name)
        asked = names_of(Path(release, f"{name}.ipynb"))
        has_one = {found["student_id"] for _, found in files if found and found["file_id"] == name}
        for path, found in files:
            if found and found["file_id"] == name or path.suffix in self.zip_ext:
                continue
            owner = re.match(ANY_NAME, str(path))
            student = owner["student_id"] if owner else ""
            ours = asked and len(names_of(path) & asked) > len(asked) / 2
            if path.suffix.lower() != ".ipynb":
                self.leave_out(path, "not a notebook", student)
            elif not ours:
                self.leave_out(path, f"its name is not {name}.ipynb", student)
            elif not student:
                self.leave_out(path, "does not say whose it is")
            elif student in has_one:
                self.leave_out(path, f"{name}.ipynb was taken", student)
            else:
                self.log.warning("%s is taken for the %s of %s", path, name, student)
                (self.root / student).mkdir(exist_ok=True)
                path.rename(self.root / student / f"{name}.ipynb")
                has_one.add(student)
                continue
            path.unlink()

    def leave_the_newest(self):
        """Of several attempts, only the last; returns whom the platform calls late."""
        newest = {}
        for path, found in sorted(self.files(), key=lambda each: attempt(each[0])):
            if found is None:
                continue  # an archive that has been unpacked
            student = found["student_id"]
            if student in newest:
                older = newest[student][0]
                self.log.warning("%s handed in more than once: %s, not %s", student, path, older)
                self.leave_out(older, f"handed in more than once; {path.name} was taken", student)
                older.unlink()
            newest[student] = path, found
        return {student for student, (_, found) in newest.items() if found["late"]}


class Collector(FileNameCollectorPlugin):
    """Whose file it is, and, if a timestamp.txt lies beside it, when it was handed in."""

    def collect(self, submitted_file):
        path = Path(submitted_file)
        found = super().collect(submitted_file) if path.suffix == ".ipynb" else None
        stamp = path.with_name("timestamp.txt")
        if not found or not stamp.exists():
            return found
        try:
            time = parse_utc(stamp.read_text(encoding="utf-8-sig").strip())
        except (ValueError, OverflowError):
            self.log.warning("Not a date and time: %s", stamp)
            return found
        return found | {"timestamp": time.isoformat(" ")}
