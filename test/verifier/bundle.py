"""The bundle: one stream as a file. What is within its base64 is for the checks."""

import hashlib
from collections import namedtuple

from record import stream_id
from statement import parse_envelope
from strict import (
    array,
    base64_bytes,
    hex_digest,
    members,
    natural,
    parse_canonical,
    require,
)

BUNDLE_BYTES_MAX = 256 * 1024 * 1024
REQUIRED = ("v", "streamId", "records", "seals", "keys", "contents")

Bundle = namedtuple("Bundle", "stream records seals keys log contents")
BundleKey = namedtuple("BundleKey", "id spki entry")
Entry = namedtuple("Entry", "statement place")
Place = namedtuple("Place", "position proof")
Log = namedtuple("Log", "spki checkpoint seals consistency")
Consistency = namedtuple("Consistency", "size proof")


def parse_bundle(data):
    """The bundle of a file's bytes; refuses all that is not spelt as the format says."""
    require(len(data) <= BUNDLE_BYTES_MAX, "the file is too large")
    require(data.endswith(b"\n"), "the file does not end with a newline")
    file = members(parse_canonical(data[:-1], "the file"), REQUIRED, ("log",), "the file")
    require(natural(file["v"], "`v`") == 2, "a bundle of an unknown version")
    bundle = Bundle(
        stream_id(file["streamId"], "`streamId`"),
        [base64_bytes(one, "a record") for one in array(file["records"], "`records`")],
        [parse_envelope(one) for one in array(file["seals"], "`seals`")],
        [_parse_key(one) for one in array(file["keys"], "`keys`")],
        _parse_log(file["log"]) if "log" in file else None,
        _parse_contents(file["contents"]),
    )
    is_placed = bundle.log is None or len(bundle.log.seals) <= len(bundle.seals)
    require(is_placed, "the log has places of more seals than there are")
    has_entry = any(one.entry is not None for one in bundle.keys)
    require(bundle.log is not None or not has_entry, "a key has an entry in no log")
    return bundle


def _parse_key(value):
    members(value, ("publicKey",), ("entry",), "a key")
    spki = base64_bytes(value["publicKey"], "`publicKey`")
    key_id = hashlib.sha256(spki).hexdigest()
    if "entry" not in value:
        return BundleKey(key_id, spki, None)
    entry = members(value["entry"], ("position", "proof", "statement"), (), "the entry of a key")
    statement = base64_bytes(entry["statement"], "the statement of a key")
    return BundleKey(key_id, spki, Entry(statement, _parse_place(entry)))


def _parse_log(value):
    members(value, ("publicKey", "checkpoint", "seals"), ("consistency",), "the log")
    require(isinstance(value["checkpoint"], str), "the checkpoint is no text")
    seals = array(value["seals"], "the seals of the log")
    for one in seals:
        members(one, ("position", "proof"), (), "the place of a seal")
    return Log(
        base64_bytes(value["publicKey"], "the key of the log"),
        value["checkpoint"],
        [_parse_place(one) for one in seals],
        _parse_consistency(value["consistency"]) if "consistency" in value else None,
    )


def _parse_consistency(value):
    members(value, ("size", "proof"), (), "the consistency")
    return Consistency(natural(value["size"], "`size`", least=1), _parse_proof(value["proof"]))


def _parse_place(value):
    return Place(natural(value["position"], "`position`"), _parse_proof(value["proof"]))


def _parse_proof(value):
    proof = [base64_bytes(one, "a hash of a proof") for one in array(value, "`proof`")]
    require(all(len(one) == 32 for one in proof), "a hash of a proof is no SHA-256")
    return proof


def _parse_contents(value):
    require(isinstance(value, dict), "`contents` is no object")
    return {
        hex_digest(digest, "the digest of a content"): base64_bytes(content, "a content")
        for digest, content in value.items()
    }
