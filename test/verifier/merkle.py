"""The Merkle tree of RFC 9162, 2.1: roots, inclusion and consistency."""

import hashlib


def leaf_hash(data):
    """The hash of a leaf. RFC 9162, 2.1.1."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left, right):
    """The hash of an inner node. RFC 9162, 2.1.1."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaves):
    """The root over leaf hashes. RFC 9162, 2.1.1."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return node_hash(root_of(leaves[:split]), root_of(leaves[split:]))


def is_included(leaf, position, size, proof, root):
    """Whether a leaf stands at a position of the tree of a root. RFC 9162, 2.1.3.2."""
    if not 0 <= position < size or not _are_hashes(leaf, root, *proof):
        return False
    fn, sn, result = position, size - 1, leaf
    for step in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            result = node_hash(step, result)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            result = node_hash(result, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and result == root


def is_consistent(size1, root1, size2, root2, proof):
    """Whether the tree of a first root is the beginning of a second's. RFC 9162, 2.1.4.2."""
    if not 0 < size1 <= size2:
        return False
    if size1 == size2:
        return not proof and root1 == root2
    path = list(proof) if size1 & (size1 - 1) else [root1, *proof]
    if not path:
        return False
    fn, sn = size1 - 1, size2 - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    first = second = path[0]
    for step in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            first, second = node_hash(step, first), node_hash(step, second)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            second = node_hash(second, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and first == root1 and second == root2


def _are_hashes(*values):
    return all(len(one) == 32 for one in values)
