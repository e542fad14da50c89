"""Whether the records of a transaction tell one story, and end it as the seals say."""

from approvals import require_approved
from claims import Claims
from strict import canonical, require
from told import require_told

FORWARD = ("preflighted", "claimed", "verified")
BACK = ("compensating", "compensated")


def check_story(stream, records, seals):
    """Refuses records that break a rule of the format, or contradict the predicates of the seals."""
    story = Story(stream)
    for record in records:
        story.tell(record)
    require(story.claims is not None, "nothing was proposed")
    require_approved(records, story.claims.plan_digest, story.status)
    _require_end(story, seals)


class Story:
    """What is known after the records that were told so far."""

    def __init__(self, stream):
        self.transaction_id = stream.partition(":")[2]
        self.step_count = 0
        self.claims = None
        self.prepared = {}
        self.verified = {}
        self.compensated = {}
        # Why the forward run has ended; absent while it goes on.
        self.ended_for = {}
        self.status = None
        self.outcome_seq = None

    def tell(self, record):
        kind = record["kind"]
        is_first = record["seq"] == 0
        require(is_first == (kind == "proposed"), "`proposed` is not first, or comes again")
        require(self.status is None or kind == "resolved", "a record follows the outcome")
        require_told(record)
        self._require_run(record, kind)
        if is_first:
            self.step_count = len(record["data"]["plan"]["steps"])
            self.claims = Claims(self.transaction_id, record["data"]["planDigest"])
        if "stepIndex" in record:
            require(record["stepIndex"] < self.step_count, f"`{kind}` is of a step beyond the plan")
        self._know(record, kind)

    def _require_run(self, record, kind):
        """Rule 11: forward before the end of the forward run, back after it."""
        is_forward = kind in FORWARD or (kind == "decided" and record["data"]["answer"] == "allow")
        require(not (is_forward and self.ended_for), f"`{kind}` after the forward run has ended")
        require(self.ended_for or kind not in BACK, f"`{kind}` while the forward run goes on")

    def _know(self, record, kind):
        data = record["data"]
        if kind == "preflighted":
            self._preflight(record)
        elif kind == "decided":
            self.claims.decide(record)
        elif kind == "claimed":
            self.claims.claim(record, self.prepared.get(record["stepIndex"]))
        elif kind == "vended":
            self.claims.vend(record)
        elif kind == "acknowledged":
            self.claims.acknowledge(record)
        elif kind == "verified":
            self.verified[record["stepIndex"]] = record
        elif kind == "unwinding":
            self._unwind(data)
        elif kind == "compensating":
            self.claims.compensate(record)
        elif kind == "compensated":
            self.claims.compensated(record)
            self.compensated[record["stepIndex"]] = record
        elif kind == "outcome":
            self._end(record)
        elif kind == "resolved":
            require(self.status == "stuck", "resolved, and was not stuck")

    def _preflight(self, record):
        for step in record["data"]["steps"]:
            is_of_plan = step["stepIndex"] < self.step_count
            require(is_of_plan, "a preflight has a step beyond the plan")
            self.prepared[step["stepIndex"]] = step

    def _unwind(self, data):
        if "reason" not in data:
            require(self.ended_for, "unwinding while the forward run goes on")
            return
        require(not self.ended_for, "the forward run ends twice")
        self.ended_for = {"reason": data["reason"]}

    def _end(self, record):
        self.status, self.outcome_seq = record["data"]["status"], record["seq"]
        self._require_reason(record["data"])
        if self.status == "committed":
            self._require_committed()
        elif self.status == "rejected":
            is_idle = not self.claims.applies and not self.claims.inverses
            require(is_idle, "`rejected`, and something was claimed")
        elif self.status == "compensated":
            self._require_compensated()

    def _require_reason(self, data):
        if not self.ended_for or self.status == "stuck":
            return
        require(self.status != "committed", "`committed`, and the forward run had ended")
        require("reason" in data, "unwound for a reason, and the outcome gives none")
        is_same = canonical(data["reason"]) == canonical(self.ended_for["reason"])
        require(is_same, "the outcome gives another reason than the unwinding")

    def _require_committed(self):
        is_forward = not self.claims.inverses and not self.compensated
        require(is_forward, "`committed`, and something was compensated")
        for step in range(self.step_count):
            claim = self.claims.latest(step)
            is_done = claim is not None and claim.answer in ("applied", "recovered")
            require(is_done, f"`committed`, and step {step} was not applied")
            read = self.verified.get(step)
            is_read = read is not None and read["seq"] > claim.answered_seq
            require(is_read, f"`committed`, and step {step} was not verified after it was applied")
            is_predicted = read["data"]["afterDigest"] == claim.prepared["predictedDigest"]
            is_good = read["data"]["ok"] and is_predicted
            require(is_good, f"`committed`, and step {step} was read as something else")

    def _require_compensated(self):
        for claim in self.claims.applies:
            if claim.answer == "refused":
                continue
            read = self.compensated.get(claim.step)
            is_read = read is not None and read["seq"] > claim.seq
            is_restored = is_read and read["data"]["afterDigest"] == claim.before_digest
            require(is_restored, f"`compensated`, and step {claim.step} was not read as before")


def _require_end(story, seals):
    if story.status is None:
        is_open = not seals or not seals[-1]["final"]
        require(is_open, "sealed as final, and there is no outcome")
        return
    for seal in seals:
        is_over = seal["treeSize"] > story.outcome_seq
        require(seal["final"] == is_over, "a seal is final and does not cover the outcome, or not")
        is_same = seal["status"] == story.status
        require(is_same or not is_over, "a seal says another status than the outcome")
