"""Rules 2 to 5: decisions are consumed by claims, claims are answered, compensations undo them."""

from strict import milliseconds, require

AGAIN_AFTER = ("refused", "not-applied")


class Claim:
    """A call that somebody was about to make, forward or back, and what became of it."""

    def __init__(self, record, prepared=None):
        self.step = record["stepIndex"]
        self.seq = record["seq"]
        self.decision_id = record["data"]["decisionId"]
        self.before_digest = record["data"]["beforeDigest"]
        self.prepared = prepared
        self.is_vended = False
        self.answer = None
        self.answered_seq = None


class Claims:
    """All decisions, claims and compensations of a transaction."""

    def __init__(self, transaction_id, plan_digest):
        self.transaction_id = transaction_id
        self.plan_digest = plan_digest
        self.decisions = {}
        self.consumed = set()
        self.applies = []
        self.inverses = {}
        self.attempts = {}

    def latest(self, step):
        return next((one for one in reversed(self.applies) if one.step == step), None)

    def decide(self, record):
        if record["data"]["answer"] != "allow" or "decision" not in record["data"]:
            return
        decision = record["data"]["decision"]
        require(decision["id"] not in self.decisions, "two decisions of one id")
        is_ours = decision["transactionId"] == self.transaction_id
        is_of_plan = decision["planDigest"] == self.plan_digest
        require(is_ours and is_of_plan, "a decision on another transaction or plan")
        for key in ("stepIndex", "attempt", "epoch"):
            require(decision[key] == record.get(key), f"a decision on another `{key}`")
        self.decisions[decision["id"]] = decision

    def claim(self, record, prepared):
        data = record["data"]
        decision = self.decisions.get(data["decisionId"])
        require(decision is not None, "a claim without an `allow` before it")
        require(decision["id"] not in self.consumed, "a claim of what another has claimed")
        for key in ("stepIndex", "attempt", "epoch"):
            require(decision[key] == record[key], f"a claim by a decision on another `{key}`")
        in_time = milliseconds(record["at"], "`at`") <= decision["expiresAt"]
        require(in_time, "a claim by a decision that has expired")
        before = data["beforeDigest"]
        require(decision["beforeDigest"] == before, "a claim on another state than was decided on")
        require(prepared is not None, "a claim of a step that was not preflighted")
        require(prepared["beforeDigest"] == before, "a claim on another state than preflight's")
        earlier = self.latest(record["stepIndex"])
        is_over = earlier is None or earlier.answer in AGAIN_AFTER
        require(is_over, "a step is claimed again and its earlier claim is not over")
        self.consumed.add(decision["id"])
        claim = Claim(record, prepared)
        self._add(data["attemptId"], claim)
        self.applies.append(claim)

    def vend(self, record):
        claim = self._attempt(record)
        require(not claim.is_vended, "credentials were vended twice for one claim")
        claim.is_vended = True

    def acknowledge(self, record):
        claim = self._attempt(record)
        require(claim.answer is None, "two answers to one claim")
        claim.answer, claim.answered_seq = record["data"]["answer"], record["seq"]

    def compensate(self, record):
        data = record["data"]
        own = [
            one
            for one in self.applies
            if one.step == record["stepIndex"] and one.decision_id == data["decisionId"]
        ]
        require(own, "a compensation of a decision that no claim of its step consumed")
        is_same = own[0].before_digest == data["beforeDigest"]
        require(is_same, "a compensation to another state than was claimed on")
        inverse = Claim(record)
        self._add(data["attemptId"], inverse)
        self.inverses[data["attemptId"]] = inverse

    def compensated(self, record):
        if "attemptId" not in record["data"]:
            return
        inverse = self.inverses.get(record["data"]["attemptId"])
        is_own = inverse is not None and inverse.step == record["stepIndex"]
        require(is_own, "compensated, and not by an attempt of its step")

    def _add(self, attempt_id, claim):
        require(attempt_id not in self.attempts, "two attempts of one id")
        self.attempts[attempt_id] = claim

    def _attempt(self, record):
        claim = self.attempts.get(record["data"]["attemptId"])
        require(claim is not None, f"`{record['kind']}` for no claim")
        require(claim.step == record["stepIndex"], f"`{record['kind']}` for another step")
        return claim
