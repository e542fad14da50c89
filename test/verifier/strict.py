"""Values with exactly one spelling: canonical JSON, base64, hex, times, closed objects."""

import base64
import hashlib
import json
import re
from datetime import date
from json.encoder import encode_basestring

INTEGER_MAX = 2**53 - 1
DEPTH_MAX = 64
HEX_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
TIME = re.compile(
    r"(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
    r"T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)\.(\d{3})Z\Z",
    re.ASCII,
)
DAYS_OF_400_YEARS = 146_097


class Refused(Exception):
    """What was read is not what the format allows; the message says why."""


def require(condition, reason):
    """Refuses for a reason unless a condition holds."""
    if not condition:
        raise Refused(reason)


def parse_canonical(data, what):
    """The value of bytes that are the one canonical spelling of it (RFC 8785, a subset)."""
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_unique_members,
            parse_int=_integer,
            parse_float=_no_number,
            parse_constant=_no_number,
        )
        spelling = canonical(value)
    except Refused as error:
        raise Refused(f"{what}: {error}") from None
    except (ValueError, RecursionError) as error:
        raise Refused(f"{what} is not JSON: {type(error).__name__}") from None
    # White space, order of members, escapes, `-0`: whatever is not the one spelling differs here.
    require(spelling == data, f"{what} is not canonical")
    return value


def canonical(value):
    """The RFC 8785 bytes of a value; refuses null, fractions and what is too deep."""
    parts = []
    _spell(value, 0, parts)
    try:
        return "".join(parts).encode("utf-8")
    except UnicodeEncodeError:
        raise Refused("a lone surrogate") from None


def digest_of(value):
    """SHA-256 of the canonical bytes of a value, hex."""
    return hashlib.sha256(canonical(value)).hexdigest()


def _spell(value, depth, parts):
    # `bool` is an `int` in Python: it comes first.
    if value is True or value is False:
        parts.append("true" if value else "false")
    elif isinstance(value, int):
        require(-INTEGER_MAX <= value <= INTEGER_MAX, "an integer beyond 2^53")
        parts.append(str(value))
    elif isinstance(value, str):
        parts.append(encode_basestring(value))
    elif isinstance(value, list):
        _spell_list(value, depth + 1, parts)
    elif isinstance(value, dict):
        _spell_members(value, depth + 1, parts)
    else:
        raise Refused("null or a number with a fraction")


def _spell_list(values, depth, parts):
    require(depth <= DEPTH_MAX, f"more than {DEPTH_MAX} levels")
    parts.append("[")
    for index, value in enumerate(values):
        if index > 0:
            parts.append(",")
        _spell(value, depth, parts)
    parts.append("]")


def _spell_members(members, depth, parts):
    require(depth <= DEPTH_MAX, f"more than {DEPTH_MAX} levels")
    parts.append("{")
    for index, key in enumerate(sorted(members, key=_code_units)):
        if index > 0:
            parts.append(",")
        parts.append(encode_basestring(key))
        parts.append(":")
        _spell(members[key], depth, parts)
    parts.append("}")


def _code_units(key):
    # RFC 8785, 3.2.3: by UTF-16 code units, not by code points.
    return key.encode("utf-16-be", "surrogatepass")


def _unique_members(pairs):
    members = dict(pairs)
    require(len(members) == len(pairs), "a key twice in one object")
    return members


def _integer(text):
    # Before Python reads thousands of digits.
    require(len(text) <= 17, "an integer beyond 2^53")
    return int(text)


def _no_number(text):
    raise Refused(f"the number {text[:20]} is no integer")


def base64_bytes(text, what):
    """The bytes of strict base64 (RFC 4648, 4): padding present and its spare bits zero."""
    require(isinstance(text, str), f"{what} is no text")
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused(f"{what} is not base64") from None
    # Spare bits, missing padding, whatever else a decoder forgives.
    require(base64.b64encode(data).decode() == text, f"{what} is not strict base64")
    return data


def hex_digest(value, what):
    """A SHA-256 digest in lower-case hex."""
    require(isinstance(value, str) and HEX_DIGEST.match(value), f"{what} is no SHA-256 in hex")
    return value


def natural(value, what, least=0):
    """An integer that is not below a bound; `true` is none."""
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    require(is_integer and least <= value <= INTEGER_MAX, f"{what} is no integer from {least} on")
    return value


def milliseconds(value, what):
    """RFC 3339 in UTC with milliseconds, as epoch milliseconds."""
    match = TIME.match(value) if isinstance(value, str) else None
    require(match, f"{what} is no UTC time")
    year, month, day, hour, minute, second, fraction = (int(part) for part in match.groups())
    # The calendar repeats itself after 400 years, and Python's begins with the year 1.
    months_first = date(year % 400 + 400, month, 1).toordinal() + (year // 400 - 1) * DAYS_OF_400_YEARS
    days = months_first + day - 1 - date(1970, 1, 1).toordinal()
    return ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + fraction


def units(value):
    """How many UTF-16 code units a string has."""
    return len(value.encode("utf-16-le", "surrogatepass")) // 2


def members(value, required, optional, what):
    """An object that has all of some members and none but some others."""
    require(isinstance(value, dict), f"{what} is no object")
    missing = [key for key in required if key not in value]
    require(not missing, f"{what} lacks {missing}")
    unknown = [key[:40] for key in value if key not in required and key not in optional]
    require(not unknown, f"{what} has unknown members {unknown}")
    return value


def array(value, what):
    """A JSON array."""
    require(isinstance(value, list), f"{what} is no array")
    return value
