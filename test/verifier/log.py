"""What the account's log says of a bundle: which keys it knows, and that nothing followed."""

from collections import namedtuple

from checkpoint import open_checkpoint
from merkle import is_consistent, is_included, leaf_hash, root_of
from p256 import parse_key
from statement import parse_key_statement
from strict import Refused, require

ABSENT, UNTRUSTED, BROKEN, OPEN = "absent", "untrusted", "broken", "open"

# `vouched` has the indices of the seals whose key the log knew, and had not replaced, when it took
# them in; `pinned` is what the checkpoint that the reader has kept says, as `(ok, reason)`.
OpenedLog = namedtuple("OpenedLog", "state reason vouched pinned")


def open_log(bundle, trust):
    """Judges the log part of a bundle: its checkpoint, the places of its seals and of its keys."""
    if bundle.log is None:
        return _closed(ABSENT, "no log vouches that nothing followed")
    try:
        key = parse_key(bundle.log.spki)
        require(key.id not in {one.id for one in bundle.keys}, "the key of the log seals too")
        checkpoint = open_checkpoint(bundle.log.checkpoint, key)
        vouched = _require_places(bundle, checkpoint)
    except Refused as error:
        return _closed(BROKEN, str(error))
    pinned = _pinned_check(bundle.log, key, checkpoint, trust.checkpoint)
    if key.id not in trust.key_ids:
        reason = f"the log is signed by key {key.id}, which is not trusted"
        return OpenedLog(UNTRUSTED, reason, frozenset(), pinned)
    return OpenedLog(OPEN, "", vouched, pinned)


def _closed(state, reason):
    return OpenedLog(state, reason, frozenset(), (True, ""))


def _require_places(bundle, checkpoint):
    """Refuses false proofs; the indices of the seals whose keys the log vouches for."""
    places = [one.position for one in bundle.log.seals]
    in_order = all(one < other for one, other in zip(places, places[1:]))
    require(in_order, "the log has the seals in another order")
    for index, place in enumerate(bundle.log.seals):
        _require_included(checkpoint, place, bundle.seals[index].statement, f"seal {index}")
    entries = {
        one.id: _require_entry(checkpoint, one) for one in bundle.keys if one.entry is not None
    }
    for index, position in enumerate(places):
        key_id = bundle.seals[index].key_id
        require(key_id in entries, f"the log part lacks the entry of key {key_id}")
        require(entries[key_id] < position, f"key {key_id} sealed before it was in the log")
    # What is not in the log yet can only come behind all that is.
    later = [checkpoint.size] * (len(bundle.seals) - len(places))
    return frozenset(
        index
        for index, (seal, position) in enumerate(zip(bundle.seals, places + later))
        if _is_newest(entries, seal.key_id, position)
    )


def _is_newest(entries, key_id, position):
    """Whether a key was in the log before a place, and no other key came in between."""
    if key_id not in entries:
        return False
    return not any(entries[key_id] < other < position for other in entries.values())


def _require_entry(checkpoint, key):
    """Where the log has a key."""
    entry = parse_key_statement(key.entry.statement)
    require(entry.key.id == key.id, "the entry of a key is of another key")
    _require_included(checkpoint, key.entry.place, key.entry.statement, f"key {key.id}")
    return key.entry.place.position


def _require_included(checkpoint, place, statement, what):
    leaf = leaf_hash(statement)
    is_there = is_included(leaf, place.position, checkpoint.size, place.proof, checkpoint.root)
    require(is_there, f"{what} is not in the log where its proof says")


def _pinned_check(log, key, checkpoint, note):
    """Whether the log is one with the checkpoint that the reader has kept, if any."""
    if note is None:
        return True, "no checkpoint was kept"
    try:
        pinned = open_checkpoint(note, key)
    except Refused as error:
        return False, f"the kept checkpoint: {error}"
    if pinned.size > checkpoint.size:
        return "unknown", "the kept checkpoint is newer than the one of the bundle"
    if pinned.size == checkpoint.size:
        return pinned.root == checkpoint.root, "two checkpoints of one size"
    if pinned.size == 0:
        return pinned.root == root_of([]), "every log grew from the empty one"
    if log.consistency is None or log.consistency.size != pinned.size:
        return "unknown", "no proof leads from the kept checkpoint to the one of the bundle"
    proof = (pinned.size, pinned.root, checkpoint.size, checkpoint.root, log.consistency.proof)
    return is_consistent(*proof), "whether the log grew from the kept checkpoint"


def complete_check(bundle, log):
    """Whether the log has the last seal, as `(ok, reason)`."""
    if log.state == ABSENT:
        return "unknown", log.reason
    if log.state == BROKEN:
        return False, log.reason
    if log.pinned[0] is not True:
        return log.pinned
    if len(bundle.log.seals) < len(bundle.seals):
        return "unknown", "the last seal is not in the log yet"
    if log.state == UNTRUSTED:
        return "unknown", log.reason
    return True, "the log has the final seal"
