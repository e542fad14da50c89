"""ECDSA P-256 with SHA-256: keys in one spelling, signatures in strict DER."""

import functools
import hashlib
from collections import namedtuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from strict import Refused, require

# SubjectPublicKeyInfo of an uncompressed point on P-256. RFC 5480, 2.
SPKI_HEAD = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
SPKI_BYTES = len(SPKI_HEAD) + 64
# FIPS 186-4, D.1.2.3.
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

Key = namedtuple("Key", "id spki")


def parse_key(spki):
    """A P-256 key of its SPKI DER."""
    is_shaped = len(spki) == SPKI_BYTES and spki.startswith(SPKI_HEAD)
    require(is_shaped, "the public key is no SPKI of an uncompressed P-256 point")
    _point(spki)
    return Key(hashlib.sha256(spki).hexdigest(), spki)


@functools.lru_cache(maxsize=1024)
def _point(spki):
    try:
        return serialization.load_der_public_key(spki)
    except ValueError:
        raise Refused("the public key is no point of P-256") from None


def spki_of_pem(pem):
    """The SPKI DER of a public key in PEM."""
    try:
        key = serialization.load_pem_public_key(pem)
    except ValueError:
        raise Refused("no public key in PEM") from None
    return key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def require_strict_der(signature):
    """Refuses anything but the one DER spelling of two numbers from 1 to the order - 1."""
    whole = len(signature) >= 2 and signature[0] == 0x30 and signature[1] < 0x80
    require(whole and signature[1] == len(signature) - 2, "the signature is no DER sequence")
    after_r = _number_end(signature, 2)
    require(_number_end(signature, after_r) == len(signature), "bytes follow the signature")


def _number_end(data, start):
    require(len(data) >= start + 2 and data[start] == 0x02, "the signature lacks a number")
    end = start + 2 + data[start + 1]
    digits = data[start + 2 : end]
    require(data[start + 1] > 0 and end <= len(data), "a number of the signature is cut")
    require(digits[0] < 0x80, "a number of the signature is negative")
    padded = len(digits) > 1 and digits[0] == 0 and digits[1] < 0x80
    require(not padded, "a number of the signature is not minimal")
    require(1 <= int.from_bytes(digits, "big") < ORDER, "a number of the signature is out of range")
    return end


@functools.lru_cache(maxsize=4096)
def is_signed(key, signature, message):
    """Whether a strict signature is by a key over a message."""
    try:
        require_strict_der(signature)
        _point(key.spki).verify(signature, message, ec.ECDSA(hashes.SHA256()))
        return True
    except (Refused, InvalidSignature):
        return False
