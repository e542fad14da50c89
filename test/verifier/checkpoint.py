"""Checkpoints of the log: C2SP tlog-checkpoint within a C2SP signed note."""

import re
from collections import namedtuple

from p256 import is_signed
from strict import INTEGER_MAX, base64_bytes, require, units

NOTE_UNITS_MAX = 131_072
SIGNATURES_MAX = 16
SIZE = re.compile(r"(0|[1-9][0-9]{0,15})\Z")
SIGNATURE_LINE = re.compile(r"\u2014 ([^\s+]+) (\S+)\Z")
KEY_ID_BYTES = 4

Checkpoint = namedtuple("Checkpoint", "origin size root")


def log_origin(key):
    """The name of the log whose checkpoints a key signs."""
    return f"interlock.dev/log/{key.id[:16]}"


def open_checkpoint(note, key):
    """The checkpoint of a note that a log's key has signed."""
    text, signatures = _split(note)
    _require_signed(text, signatures, key)
    lines = text.split("\n")
    require(len(lines) == 4 and lines[3] == "", "a checkpoint without exactly three lines")
    origin, size, root = lines[:3]
    require(origin == log_origin(key), "a checkpoint of another log")
    require(SIZE.match(size) and int(size) <= INTEGER_MAX, "a checkpoint without a size")
    root = base64_bytes(root, "the root of a checkpoint")
    require(len(root) == 32, "the root of a checkpoint is no SHA-256")
    return Checkpoint(origin, int(size), root)


def _split(note):
    """The signed text and the lines of signatures. C2SP signed-note."""
    require(units(note) <= NOTE_UNITS_MAX, "a checkpoint is too long")
    is_text = all(character == "\n" or character >= " " for character in note)
    require(is_text, "a checkpoint with control characters")
    head, blank, tail = note.rpartition("\n\n")
    require(blank and tail.endswith("\n"), "a checkpoint that is no signed note")
    signatures = tail[:-1].split("\n")
    require(len(signatures) <= SIGNATURES_MAX, "a checkpoint with too many signatures")
    return f"{head}\n", signatures


def _require_signed(text, lines, key):
    known = 0
    for line in lines:
        match = SIGNATURE_LINE.match(line)
        require(match, "a checkpoint with a line that is no signature")
        data = base64_bytes(match[2], "a signature of a checkpoint")
        require(len(data) > KEY_ID_BYTES, "a signature of a checkpoint is cut")
        key_id, signature = data[:KEY_ID_BYTES], data[KEY_ID_BYTES:]
        if match[1] != log_origin(key) or key_id != bytes.fromhex(key.id)[:KEY_ID_BYTES]:
            continue
        known += 1
        is_ours = is_signed(key, signature, text.encode("utf-8"))
        require(is_ours, "the signature of a checkpoint is not by the key of the log")
    require(known > 0, "the key of the log has not signed the checkpoint")
