"""The four answers of the format about a bundle, each with its reason."""

import hashlib
from collections import namedtuple

from log import BROKEN, OPEN, complete_check, open_log
from merkle import leaf_hash, root_of
from p256 import is_signed, parse_key
from record import parse_record, require_stream
from statement import parse_seal_statement, signed_bytes
from story import check_story
from strict import Refused, require

CHECKS = ("integrity", "signer", "complete", "outcome")
UNKNOWN = "unknown"

# Which keys the reader trusts, and the note of a checkpoint that it has kept, if any.
Trust = namedtuple("Trust", "key_ids checkpoint")
Check = namedtuple("Check", "ok reason")
# What was read of the seals, and what is wrong with the next one.
Read = namedtuple("Read", "seals problem is_forged")


def verify_bundle(bundle, trust):
    """The four checks by name; the bundle is good only if all are `True`."""
    log = open_log(bundle, trust)
    read = _read_seals(bundle)
    signer = _signer(bundle, trust, log, read)
    try:
        records = [parse_record(one) for one in bundle.records]
        _require_integrity(bundle, records, read)
    except Refused as error:
        failed = Check(UNKNOWN, "integrity failed")
        integrity = Check(False, str(error))
        return _named(integrity, signer, complete=failed, outcome=failed)
    integrity = Check(True, f"{len(records)} records match {len(read.seals)} seals")
    if not read.seals:
        integrity = Check(UNKNOWN, "there is no seal")
    complete = _complete(bundle, read.seals, log)
    return _named(integrity, signer, complete, _outcome(bundle.stream, records, read.seals))


def _named(integrity, signer, complete, outcome):
    return dict(zip(CHECKS, (integrity, signer, complete, outcome)))


def _read_seals(bundle):
    """The seals up to the first that is forged or unchained."""
    seals, is_forged = [], False
    try:
        for index, envelope in enumerate(bundle.seals):
            is_forged = not _is_signed(bundle, envelope)
            require(not is_forged, f"seal {index} is not signed by the key that it names")
            seal = parse_seal_statement(envelope.statement)
            before = bundle.seals[index - 1].digest if index > 0 else None
            is_chained = seal.get("previousSeal") == before
            require(is_chained, f"seal {index} does not follow the one before")
            if seals:
                _require_follows(seals, seal)
            seals.append(seal)
    except Refused as error:
        return Read(seals, str(error), is_forged)
    return Read(seals, None, False)


def _require_follows(earlier, later):
    last = earlier[-1]
    require(later["treeSize"] > last["treeSize"], "a later seal covers no more records")
    if not last["final"]:
        return
    is_first = sum(1 for one in earlier if one["final"]) == 1
    is_resolution = last["status"] == later["status"] == "stuck"
    require(is_first and is_resolution, "a seal follows the final one")


def _is_signed(bundle, envelope):
    spki = {one.id: one.spki for one in bundle.keys}.get(envelope.key_id)
    if spki is None:
        return False
    try:
        key = parse_key(spki)
    except Refused:
        return False
    return is_signed(key, envelope.signature, signed_bytes(envelope.statement))


def _require_integrity(bundle, records, read):
    require_stream(bundle.stream, records)
    require(read.problem is None, read.problem)
    _require_keys(bundle)
    _require_roots(bundle, read.seals)
    for digest, content in bundle.contents.items():
        is_content = hashlib.sha256(content).hexdigest() == digest
        require(is_content, f"content {digest} has another digest")


def _require_keys(bundle):
    ids = [one.id for one in bundle.keys]
    require(ids == sorted(set(ids)), "the keys are not sorted by their ids")
    named = {seal.key_id for seal in bundle.seals}
    require(set(ids) == named, "the keys are not those that the seals name")


def _require_roots(bundle, seals):
    leaves = [leaf_hash(one) for one in bundle.records]
    for index, seal in enumerate(seals):
        require(seal["streamId"] == bundle.stream, f"seal {index} is of another stream")
        require(seal["treeSize"] <= len(leaves), f"seal {index} covers records that are missing")
        root = root_of(leaves[: seal["treeSize"]]).hex()
        require(root == seal["root"], f"seal {index} is over other records")


def _signer(bundle, trust, log, read):
    if read.is_forged:
        return Check(False, read.problem)
    if not read.seals:
        return Check(UNKNOWN, "there is no seal that could be read")
    for index in range(len(read.seals)):
        key_id = bundle.seals[index].key_id
        if key_id in trust.key_ids:
            continue
        if log.state == BROKEN:
            return Check(False, log.reason)
        if log.state != OPEN or index not in log.vouched:
            return Check(UNKNOWN, f"key {key_id} of seal {index} is not trusted")
    return Check(True, "every seal is by a trusted key, or one that the log vouches for")


def _complete(bundle, seals, log):
    if not seals:
        return Check(False, "open: there is no seal")
    if not seals[-1]["final"]:
        return Check(False, f"open: the last seal says `{seals[-1]['status']}`")
    if seals[-1]["treeSize"] != len(bundle.records):
        return Check(False, "records follow the last seal")
    return Check(*complete_check(bundle, log))


def _outcome(stream, records, seals):
    is_transaction = stream.startswith("tx:")
    if is_transaction:
        try:
            check_story(stream, records, seals)
        except Refused as error:
            return Check(False, str(error))
    if not is_transaction:
        return Check(True, "no outcome is claimed")
    if not seals or not seals[-1]["final"]:
        return Check(UNKNOWN, "no final seal yet")
    return Check(True, "the records tell the story that the seal names")
