"""Whether a record of a transaction has the members that its kind needs."""

from strict import array, digest_of, hex_digest, natural, require

OUTCOMES = ("committed", "rejected", "compensated", "stuck")
ANSWERS = ("applied", "recovered", "refused", "not-applied")
OF_A_STEP = (
    "claimed vended acknowledged verified unwinding compensating compensated".split()
)


def require_told(record):
    """Refuses a record without a member that its kind needs, or with one of another type."""
    kind, data = record["kind"], record["data"]
    require("stepIndex" in record or kind not in OF_A_STEP, f"`{kind}` is of no step")
    require("attempt" in record or kind != "claimed", "`claimed` is of no attempt")
    for key, check in MEMBERS[kind].items():
        name, is_optional = key.removesuffix("?"), key.endswith("?")
        require(is_optional or name in data, f"`{kind}` lacks `{name}`")
        if name in data:
            check(data[name], f"`{name}` of `{kind}`")
    for value in ("plan", "after"):
        if value in MEMBERS[kind]:
            require_digest(data, value)


def require_digest(data, name):
    """Refuses a digest that is not the one of the value beside it."""
    is_digest = digest_of(data[name]) == data[f"{name}Digest"]
    require(is_digest, f"`{name}Digest` is not the one of `{name}`")


def _any(value, what):
    pass


def _text(value, what):
    require(isinstance(value, str), f"{what} is no text")


def _name(value, what):
    require(isinstance(value, str) and value != "", f"{what} is empty, or no text")


def _boolean(value, what):
    require(isinstance(value, bool), f"{what} is no boolean")


def _one_of(*values):
    def check(value, what):
        require(isinstance(value, str) and value in values, f"{what} is none of {values}")

    return check


def _plan(value, what):
    require(isinstance(value, dict), f"{what} is no object")
    array(value.get("steps"), f"the steps of {what}")


def _steps(value, what):
    for step in array(value, what):
        _object(STEP)(step, f"a step of {what}")
        for name in ("before", "predicted"):
            require_digest(step, name)


def _object(shape):
    def check(value, what):
        require(isinstance(value, dict), f"{what} is no object")
        for key, check_member in shape.items():
            name = key.removesuffix("?")
            require(name in value or key.endswith("?"), f"{what} lacks `{name}`")
            if name in value:
                check_member(value[name], f"`{name}` of {what}")

    return check


STEP = {
    "stepIndex": natural,
    "before": _any,
    "beforeDigest": hex_digest,
    "predicted": _any,
    "predictedDigest": hex_digest,
    "decision?": _object({"answer": _text, "approvalsNeeded?": natural}),
}
DECISION = _object(
    {
        "id": _name,
        "kind": _one_of("apply"),
        "transactionId": _text,
        "epoch": natural,
        "stepIndex": natural,
        "attempt": natural,
        "planDigest": hex_digest,
        "beforeDigest": hex_digest,
        "policySetDigest?": hex_digest,
        "approvals?": natural,
        "expiresAt": natural,
    }
)
READ = {"after": _any, "afterDigest": hex_digest}
CALL = {"attemptId": _name, "decisionId": _text, "beforeDigest": hex_digest}
MEMBERS = {
    "proposed": {"plan": _plan, "planDigest": hex_digest},
    "located": {},
    "preflighted": {"steps": _steps, "policySetDigest?": hex_digest},
    "approved": {
        "by": _text,
        "expiresAt": natural,
        "planDigest": hex_digest,
        "dryRunDigest": hex_digest,
        "policySetDigest": hex_digest,
    },
    "refused": {"by": _text, "reason": _text},
    "decided": {"answer": _text, "decision?": DECISION},
    "claimed": {**CALL, "kind": _one_of("apply")},
    "vended": {"attemptId": _text},
    "acknowledged": {"attemptId": _text, "answer": _one_of(*ANSWERS)},
    "verified": {**READ, "ok": _boolean},
    "resumed": {},
    "parked": {},
    "unwinding": {},
    "compensating": CALL,
    "compensated": {**READ, "attemptId?": _text},
    "outcome": {"status": _one_of(*OUTCOMES)},
    "resolved": {"as": _one_of("applied", "restored"), "reason": _text, "by": _name},
}
