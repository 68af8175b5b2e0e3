"""The words on a page or in a mail, held against a dictionary of hunspell."""

import re
import shutil
import subprocess


def in_words(html: str) -> set[str]:
    """The words that a person reads or hears: text, and what fields and pictures are called."""
    body = re.sub(r"<(script|style)\b.*?</\1>|data:[^\"]+", " ", html, flags=re.DOTALL)
    labels = re.findall(r'(?:aria-label|title|alt|placeholder)="([^"]+)"', body)
    text = " ".join([re.sub(r"<[^>]+>", " ", body), *labels])
    text = re.sub(r"&[a-z]+;|&#\d+;|\b[\w.-]*\d[\w.-]*", " ", text).replace("’", "'")
    return {each.strip("'-") for each in re.findall(r"[^\W\d_](?:[^\W\d_]|['-](?=[^\W\d_]))*", text)}


def unknown(words: set[str], dictionary: str = "nl_NL") -> set[str]:
    """Those that the dictionary does not have."""
    command = [shutil.which("hunspell") or "", "-d", dictionary, "-l", "-i", "utf-8"]
    told = subprocess.run(command, input="\n".join(sorted(words)), capture_output=True, text=True, check=True)
    return set(told.stdout.split())


def has_dictionary(dictionary: str = "nl_NL") -> bool:
    """Whether hunspell is there with this dictionary."""
    if shutil.which("hunspell") is None:
        return False
    told = subprocess.run(["hunspell", "-D"], input="", capture_output=True, text=True, check=False).stderr
    return f"/{dictionary}" in told
