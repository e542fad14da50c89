"""Verifies evidence of Interlock: an implementation of docs/evidence-format.md of its own.

    python verify.py BUNDLE --trust KEYID|PEM ... [--checkpoint FILE] [--json]
    python verify.py --batch DIR

Ends with 0 when all four checks are true, with 6 when one is not, with 2 for a wrong call.
A batch reads DIR/index.json, `[{file, name, trust: [KEYID], checkpoint?}]`, and prints one line of
JSON for each file.
"""

import argparse
import hashlib
import json
import re
import sys
from pathlib import Path

from bundle import parse_bundle
from p256 import spki_of_pem
from strict import Refused
from verdict import CHECKS, Trust, verify_bundle

OK, INVALID, USAGE = 0, 6, 2


def main(arguments):
    """Runs the command line; the number is the exit code."""
    options = _options(arguments)
    try:
        return _batch(Path(options.batch)) if options.batch else _one(options)
    except OSError as error:
        print(f"error: {error}", file=sys.stderr)
        return USAGE


def _options(arguments):
    parser = argparse.ArgumentParser(description="verify evidence of Interlock")
    parser.add_argument("bundle", nargs="?")
    parser.add_argument("--trust", nargs="+", default=[], metavar="KEYID|PEM")
    parser.add_argument("--checkpoint", metavar="FILE")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--batch", metavar="DIR")
    options = parser.parse_args(arguments)
    if (options.bundle is None) == (options.batch is None):
        parser.error("name one bundle, or a folder with --batch")
    return options


def _one(options):
    checkpoint = None
    if options.checkpoint:
        checkpoint = Path(options.checkpoint).read_bytes().decode("utf-8", "replace")
    trust = Trust({_key_id(one) for one in options.trust}, checkpoint)
    verdict = verdict_of(Path(options.bundle).read_bytes(), trust)
    print(json.dumps(verdict, sort_keys=True) if options.json else _lines(verdict))
    return OK if verdict["ok"] else INVALID


def _batch(folder):
    for entry in json.loads((folder / "index.json").read_text("utf-8")):
        trust = Trust(set(entry["trust"]), entry.get("checkpoint"))
        verdict = verdict_of((folder / entry["file"]).read_bytes(), trust)
        print(json.dumps({"name": entry["name"], **verdict}, sort_keys=True))
    return OK


def verdict_of(data, trust):
    """The verdict about a file as plain data; `malformed` says why a file is no bundle at all."""
    try:
        checks = verify_bundle(parse_bundle(data), trust)
    except Refused as error:
        return {"ok": False, "malformed": str(error)}
    ok = all(checks[name].ok is True for name in CHECKS)
    return {"ok": ok, **{name: checks[name]._asdict() for name in CHECKS}}


def _key_id(trusted):
    """A fingerprint as it is, or that of the public key in a PEM file."""
    if re.fullmatch(r"[0-9a-f]{64}", trusted):
        return trusted
    try:
        return hashlib.sha256(spki_of_pem(Path(trusted).read_bytes())).hexdigest()
    except Refused as error:
        raise OSError(f"{trusted}: {error}") from None


def _lines(verdict):
    if "malformed" in verdict:
        return f"not a bundle: {verdict['malformed']}"
    words = {True: "yes", False: "no", "unknown": "unknown"}
    lines = [f"{name}: {words[verdict[name]['ok']]}, {verdict[name]['reason']}" for name in CHECKS]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
