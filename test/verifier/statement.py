"""What is signed or logged: in-toto statements of seals and of keys, and their DSSE envelope."""

import functools
import hashlib
from collections import namedtuple

from p256 import parse_key
from record import stream_id
from strict import (
    array,
    base64_bytes,
    hex_digest,
    members,
    milliseconds,
    natural,
    parse_canonical,
    require,
)

STATEMENT_BYTES_MAX = 4096
PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
SEAL_TYPE = "https://interlock.dev/evidence/seal/v1"
KEY_TYPE = "https://interlock.dev/evidence/key/v1"
FINAL_OF_TRANSACTION = ("committed", "rejected", "compensated", "stuck")
OPEN_OF_TRANSACTION = ("proposed", "awaiting-approval", "running", "compensating", "parked")
SEAL_MEMBERS = ("v", "streamId", "treeSize", "root", "status", "final", "at")

# An envelope; what its statement says is not read yet.
Envelope = namedtuple("Envelope", "statement digest key_id signature")
KeyEntry = namedtuple("KeyEntry", "key replaces")


def parse_envelope(envelope):
    """The parts of a DSSE envelope with its one signature, which is not verified here."""
    members(envelope, ("payload", "payloadType", "signatures"), (), "an envelope")
    require(envelope["payloadType"] == PAYLOAD_TYPE, "an envelope of an unknown payload type")
    signatures = array(envelope["signatures"], "`signatures`")
    require(len(signatures) == 1, "an envelope without exactly one signature")
    signature = members(signatures[0], ("keyid", "sig"), (), "a signature")
    statement = base64_bytes(envelope["payload"], "`payload`")
    return Envelope(
        statement,
        hashlib.sha256(statement).hexdigest(),
        hex_digest(signature["keyid"], "`keyid`"),
        base64_bytes(signature["sig"], "`sig`"),
    )


def signed_bytes(statement):
    """What the signature of an envelope is over: DSSE v1 PAE."""
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(statement), statement)


@functools.lru_cache(maxsize=1024)
def parse_seal_statement(data):
    """The predicate of a seal's statement."""
    name, digest, predicate = _parse_statement(data, SEAL_TYPE)
    members(predicate, SEAL_MEMBERS, ("previousSeal",), "the predicate of a seal")
    require(natural(predicate["v"], "`v`") == 1, "a seal of an unknown version")
    stream = stream_id(predicate["streamId"], "`streamId`")
    root = hex_digest(predicate["root"], "`root`")
    require(name == stream and digest == root, "the subject of a seal is not its predicate's")
    natural(predicate["treeSize"], "`treeSize`", least=1)
    milliseconds(predicate["at"], "`at`")
    if "previousSeal" in predicate:
        hex_digest(predicate["previousSeal"], "`previousSeal`")
    _require_status(stream, predicate["status"], predicate["final"])
    return predicate


def _require_status(stream, status, final):
    is_transaction = stream.startswith("tx:")
    ends = FINAL_OF_TRANSACTION if is_transaction else ("closed",)
    others = OPEN_OF_TRANSACTION if is_transaction else ("open",)
    require(status in ends + others, "a seal of an unknown status")
    require(isinstance(final, bool), "`final` is no boolean")
    require(final == (status in ends), f"`final` of a seal is not that of `{status}`")


@functools.lru_cache(maxsize=1024)
def parse_key_statement(data):
    """The key that an entry of the log announces, and the id of the one that it replaces."""
    name, digest, predicate = _parse_statement(data, KEY_TYPE)
    members(predicate, ("v", "keyId", "publicKey", "at"), ("replaces",), "the predicate of a key")
    require(natural(predicate["v"], "`v`") == 1, "a key entry of an unknown version")
    key_id = hex_digest(predicate["keyId"], "`keyId`")
    require(name == f"key:{key_id}" and digest == key_id, "the subject of a key is another key")
    key = parse_key(base64_bytes(predicate["publicKey"], "`publicKey`"))
    require(key.id == key_id, "the key of an entry has another id")
    milliseconds(predicate["at"], "`at`")
    replaces = predicate.get("replaces")
    if replaces is not None:
        require(hex_digest(replaces, "`replaces`") != key_id, "a key replaces itself")
    return KeyEntry(key, replaces)


def _parse_statement(data, predicate_type):
    require(len(data) <= STATEMENT_BYTES_MAX, "a statement is too large")
    statement = parse_canonical(data, "a statement")
    members(statement, ("_type", "predicate", "predicateType", "subject"), (), "a statement")
    require(statement["_type"] == STATEMENT_TYPE, "no in-toto statement")
    require(statement["predicateType"] == predicate_type, "a predicate of an unknown type")
    subjects = array(statement["subject"], "`subject`")
    require(len(subjects) == 1, "a statement without exactly one subject")
    subject = members(subjects[0], ("name", "digest"), (), "a subject")
    digest = members(subject["digest"], ("sha256",), (), "the digest of a subject")
    return subject["name"], digest["sha256"], statement["predicate"]
