"""Runs the verifier's own parts on test vectors.

    python vectors.py VECTORS SHARED-VECTORS

Prints `KIND RAN REFUSED` for each kind and ends with 1 when a vector is judged otherwise than it
says. Shared vectors that are absent count as 0 that ran.
"""

import base64
import json
import sys
from pathlib import Path

from merkle import is_consistent, is_included, leaf_hash, root_of
from p256 import is_signed, parse_key
from strict import Refused, canonical, parse_canonical


def main(own, shared):
    """Runs all kinds; the number is the exit code."""
    own, shared = Path(own), Path(shared)
    kinds = {
        "roots": _roots(own),
        "canonical": _canonical(own, shared),
        "ecdsa": _own_signatures(own),
        "wycheproof": _signatures(shared),
        "inclusion": _inclusion(shared),
        "consistency": _consistency(shared),
    }
    wrong = 0
    for kind, vectors in kinds.items():
        judged = list(vectors)
        refused = sum(1 for _, _, answer in judged if not answer)
        print(kind, len(judged), refused)
        for name, expected, answer in judged:
            if answer != expected:
                wrong += 1
                print(f"{kind}: {name} must be {expected}", file=sys.stderr)
    return 1 if wrong else 0


def _roots(own):
    for one in json.loads((own / "merkle-roots.json").read_text("utf-8")):
        leaves = [leaf_hash(bytes.fromhex(entry)) for entry in one["entriesHex"]]
        yield one["desc"], True, root_of(leaves).hex() == one["root"]


def _canonical(own, shared):
    for one in json.loads((own / "jcs.json").read_text("utf-8")):
        text = one.get("output", one["input"])
        is_allowed = not one.get("isRefused", False)
        yield one["desc"], is_allowed, _is_canonical(text.encode("utf-8", "surrogatepass"))
        if is_allowed and one["input"] != text:
            is_input = _is_canonical(one["input"].encode("utf-8", "surrogatepass"))
            yield f"{one['desc']}, the input", False, is_input
    for file in sorted(shared.glob("jcs/output/*.json")):
        value = file.read_bytes()
        # Two of the six have null and fractions, which the subset has not.
        yield file.name, file.name not in ("arrays.json", "values.json"), _is_canonical(value)


def _is_canonical(data):
    try:
        return canonical(parse_canonical(data, "a vector")) == data
    except Refused:
        return False


def _own_signatures(own):
    for one in json.loads((own / "ecdsa.json").read_text("utf-8")):
        parts = (one["publicKey"], one["signature"], one["message"])
        yield one["desc"], one["isValid"], _is_signed(*parts)


def _signatures(shared):
    for file in sorted(shared.glob("ecdsa/ecdsa_secp256r1_sha256_test.json")):
        for group in json.loads(file.read_text("utf-8"))["testGroups"]:
            for one in group["tests"]:
                answer = _is_signed(group["publicKeyDer"], one["sig"], one["msg"])
                yield f"{file.name} {one['tcId']}", one["result"] == "valid", answer


def _is_signed(key, signature, message):
    try:
        return is_signed(parse_key(bytes.fromhex(key)), *map(bytes.fromhex, (signature, message)))
    except Refused:
        return False


def _inclusion(shared):
    for name, one in _proofs(shared / "merkle" / "inclusion"):
        answer = is_included(
            _bytes(one.get("leafHash")),
            one["leafIdx"],
            one["treeSize"],
            [_bytes(hash) for hash in one.get("proof") or []],
            _bytes(one.get("root")),
        )
        yield name, not one["wantErr"], answer


def _consistency(shared):
    for name, one in _proofs(shared / "merkle" / "consistency"):
        answer = is_consistent(
            one["size1"],
            _bytes(one.get("root1")),
            one["size2"],
            _bytes(one.get("root2")),
            [_bytes(hash) for hash in one.get("proof") or []],
        )
        yield name, not one["wantErr"], answer


def _proofs(folder):
    for file in sorted(folder.rglob("*.json")):
        yield str(file.relative_to(folder)), json.loads(file.read_text("utf-8"))


def _bytes(text):
    return base64.b64decode(text or "")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
