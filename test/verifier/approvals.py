"""Rule 10: what waits for operators does nothing before enough of them have approved it."""

from strict import digest_of, milliseconds, require

SHOWN = ("resources", "footprint", "beforeDigest", "predictedDigest", "facts")


class Run:
    """The `preflighted` records of one epoch."""

    def __init__(self, records, targets):
        first = records[0]
        self.seq = first["seq"]
        self.at = milliseconds(first["at"], "`at`")
        self.policy_set_digest = first["data"].get("policySetDigest")
        self.steps = [step for record in records for step in record["data"]["steps"]]
        self.needed = max((_needed(step) for step in self.steps), default=0)
        self.dry_run_digest = digest_of([_shown(step, targets) for step in self.steps])


def _needed(step):
    decision = step.get("decision", {})
    if decision.get("answer") != "awaiting-approval":
        return 0
    return max(1, decision.get("approvalsNeeded", 1))


def _shown(step, targets):
    shown = {key: step[key] for key in SHOWN if key in step}
    target = targets.get(step["stepIndex"])
    return shown if target is None else {"target": target, **shown}


def runs_of(records):
    """The runs of a transaction, in order."""
    runs = []
    for epoch in sorted({one["epoch"] for one in records if one["kind"] == "preflighted"}):
        own = [one for one in records if one["kind"] == "preflighted" and one["epoch"] == epoch]
        targets = {
            one.get("stepIndex"): one["data"].get("target")
            for one in records
            if one["kind"] == "located" and one["seq"] < own[0]["seq"]
        }
        runs.append(Run(own, targets))
    return runs


def require_approved(records, plan_digest, status):
    """Refuses approvals of what does not wait, and acts without the approvals that they need."""
    runs = runs_of(records)
    waits = [run for run in runs if run.needed > 0]
    proposer = records[0]["actor"]
    for record in records:
        if record["kind"] in ("approved", "refused"):
            run = _waiting(record, runs)
            if record["kind"] == "approved":
                require(record["actor"] != proposer, "approved by who proposed it")
                _require_same(record["data"], run, plan_digest)
                _require_wanted(record, run, records)
            else:
                require(status in (None, "rejected"), "refused, and not `rejected`")
    _require_acts(records, runs, waits)


def _waiting(record, runs):
    by = record["data"]["by"]
    is_own = by == record["actor"] and by.startswith("operator:")
    require(is_own, "`by` is not the operator who wrote it")
    before = [run for run in runs if run.seq < record["seq"]]
    is_waiting = bool(before) and before[-1].needed > 0
    require(is_waiting, f"{record['kind']}, and it did not wait for an approval")
    return before[-1]


def _require_same(data, run, plan_digest):
    require(data["planDigest"] == plan_digest, "another plan was approved")
    require(data["dryRunDigest"] == run.dry_run_digest, "another dry run was approved")
    is_same = data["policySetDigest"] == run.policy_set_digest
    require(is_same, "approved under another policy set")


def _require_wanted(record, run, records):
    at = milliseconds(record["at"], "`at`")
    require(at < record["data"]["expiresAt"], "approved too late")
    earlier = _valid(records, run.seq, record["seq"], at)
    require(record["actor"] not in earlier, "approved by one operator twice")
    require(len(earlier) < run.needed, "what was approved is approved again")


def _valid(records, after, before, at):
    """The operators whose approvals stand between two places and have not expired at a time."""
    return {
        one["actor"]
        for one in records
        if one["kind"] == "approved"
        and after < one["seq"] < before
        and at < one["data"]["expiresAt"]
    }


def _require_acts(records, runs, waits):
    allows = [
        one for one in records if one["kind"] == "decided" and one["data"]["answer"] == "allow"
    ]
    claims = [one for one in records if one["kind"] == "claimed"]
    acts = [one["seq"] for one in allows + claims]
    given = 0
    if waits and acts:
        wait, run = waits[-1], runs[-1]
        is_free = run.needed == 0 and run.seq < min(acts)
        require(is_free, "acts while it waits for approvals")
        is_same = run.dry_run_digest == wait.dry_run_digest
        require(is_same, "acts on another dry run than was approved")
        is_same = run.policy_set_digest == wait.policy_set_digest
        require(is_same, "acts under another policy set than was approved")
        given = len(_valid(records, wait.seq, run.seq, run.at))
        require(given >= wait.needed, "acts without the approvals that it needs")
    for record in allows:
        decision = record["data"].get("decision")
        if decision is None:
            continue
        counts = waits and decision.get("policySetDigest") == waits[-1].policy_set_digest
        expected = given if counts else 0
        is_counted = decision.get("approvals", 0) == expected
        require(is_counted, "`approvals` of a decision is not the number of approvals")
