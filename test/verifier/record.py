"""Records: one fact of a stream each."""

import functools
import re

from strict import (
    array,
    hex_digest,
    members,
    milliseconds,
    natural,
    parse_canonical,
    require,
    units,
)

RECORD_BYTES_MAX = 256 * 1024
STREAM_ID = re.compile(r"(tx|control|llm):[A-Za-z0-9_.-]{1,128}\Z")
AGENT = re.compile(r"agent:[A-Za-z0-9_.@-]{2,64}\Z")
OPERATOR = re.compile(r"operator:([^\n\r\u2028\u2029]+)\Z")
OPERATOR_UNITS_MAX = 256
PORT_UNITS_MAX = 128
KIND = re.compile(r"[a-z][a-z-]{0,63}\Z")
KINDS = {
    "tx": (
        "proposed located preflighted approved refused decided claimed vended acknowledged verified"
        " resumed parked unwinding compensating compensated outcome resolved"
    ).split(),
    "control": (
        "kill-switch refused policies-activated resolved token-created token-revoked"
    ).split(),
}
REQUIRED = ("v", "streamId", "seq", "kind", "at", "epoch", "actor", "data", "observations")


def stream_id(value, what):
    """`tx:ID`, `control:DATE` or `llm:ID`."""
    require(isinstance(value, str) and STREAM_ID.match(value), f"{what} is no stream id")
    return value


# Thousands of changed bundles share nearly all their records.
@functools.lru_cache(maxsize=8192)
def parse_record(data):
    """The record of its canonical bytes. Nobody changes what is returned."""
    require(len(data) <= RECORD_BYTES_MAX, "a record is too large")
    record = members(
        parse_canonical(data, "a record"), REQUIRED, ("stepIndex", "attempt"), "a record"
    )
    require(natural(record["v"], "`v`") == 1, "a record of an unknown version")
    stream_id(record["streamId"], "`streamId`")
    natural(record["seq"], "`seq`")
    _require_kind(record["kind"], record["streamId"])
    milliseconds(record["at"], "`at`")
    natural(record["epoch"], "`epoch`")
    for key in ("stepIndex", "attempt"):
        if key in record:
            natural(record[key], f"`{key}`")
    _require_actor(record["actor"])
    require(isinstance(record["data"], dict), "`data` is no object")
    for observation in array(record["observations"], "`observations`"):
        _require_observation(observation)
    return record


def _require_kind(kind, stream):
    require(isinstance(kind, str) and KIND.match(kind), "`kind` is no kind")
    kinds = KINDS.get(stream.partition(":")[0])
    require(kinds is None or kind in kinds, f"`{kind}` is no kind of this stream")


def _require_actor(actor):
    require(isinstance(actor, str), "`actor` is nobody")
    operator = OPERATOR.match(actor)
    is_operator = operator and units(operator[1]) <= OPERATOR_UNITS_MAX
    require(actor == "control-plane" or AGENT.match(actor) or is_operator, "`actor` is nobody")


def _require_observation(observation):
    members(observation, ("port", "requestDigest", "answer"), (), "an observation")
    port = observation["port"]
    is_port = isinstance(port, str) and 1 <= units(port) <= PORT_UNITS_MAX
    require(is_port, "`port` is no port")
    hex_digest(observation["requestDigest"], "`requestDigest`")


def require_stream(stream, records):
    """Refuses records that are not of one stream, in order, without a gap."""
    epoch = 0
    for index, record in enumerate(records):
        require(record["streamId"] == stream, f"record {index} is of another stream")
        require(record["seq"] == index, f"record {index} says it is record {record['seq']}")
        require(record["epoch"] >= epoch, f"record {index} goes back to an earlier epoch")
        epoch = record["epoch"]
