"""Patches of who may assume a role, and for how long; patch.py says what a patch is."""

import contextvars
import dataclasses

from ministack.core import iam_evaluator
from ministack.services import iam, sts

SHORTEST_SECONDS = 900
LONGEST_CHAINED_SECONDS = 3600

source_identity = contextvars.ContextVar("source_identity", default="")


def role_of(session_arn):
    """The role that a session is of, or None."""
    if ":assumed-role/" not in (session_arn or ""):
        return None
    name = iam_evaluator._role_name_from_assumed_arn(session_arn)
    return iam._roles.get_scoped(session_arn.split(":")[4], None, name)


def check_sessions():
    """AssumeRole keeps to the role's ARN, its longest session, and sts:SetSourceIdentity.

    Stock MiniStack finds a role by its bare name, takes every duration, and lets everybody who may
    assume a role say who they are (AssumeRole, STS API reference).
    """
    check_policies, may_assume = sts._session_policies, iam_evaluator.evaluate_trust_policy

    def check_all(params, account_id=None, check=True):
        if check and sts._p(params, "Action") == "AssumeRole":
            source_identity.set(sts._p(params, "SourceIdentity"))
            seconds = int(sts._p(params, "DurationSeconds") or LONGEST_CHAINED_SECONDS)
            refusal = refused(sts._p(params, "RoleArn"), seconds)
            if refusal:
                return None, refusal
        return check_policies(params, account_id, check)

    def may_assume_all(trust, caller_arn, context=None):
        if not may_assume(trust, caller_arn, context):
            return False
        if context is None or context.action != "sts:AssumeRole" or not source_identity.get():
            return True
        context = dataclasses.replace(context, action="sts:SetSourceIdentity")
        return may_assume(trust, caller_arn, context)

    def refused(role_arn, seconds):
        account_id, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
        role = iam._roles.get_scoped(account_id, None, name)
        if role and role["Arn"] != role_arn:
            message = f"User: is not authorized to perform: sts:AssumeRole on resource: {role_arn}"
            return sts._error(403, "AccessDenied", message, ns="sts")
        longest = int((role or {}).get("MaxSessionDuration") or LONGEST_CHAINED_SECONDS)
        if not SHORTEST_SECONDS <= seconds <= longest:
            message = f"{seconds} seconds are not between {SHORTEST_SECONDS} and {longest}"
            return sts._error(400, "ValidationError", message, ns="sts")
        return None

    sts._session_policies = check_all
    iam_evaluator.evaluate_trust_policy = may_assume_all


def match_principals_with_their_path():
    """A policy that names a role as principal names its whole ARN.

    Stock MiniStack compares the bare name of the role that a session is of.
    """
    matches = iam_evaluator._principal_matches

    def matches_whole(principal, caller_arn):
        role = role_of(caller_arn)
        if role and isinstance(principal, dict):
            named = principal.get("AWS", [])
            named = [named] if isinstance(named, str) else named
            own = [one for one in named if ":role/" not in one or one == role["Arn"]]
            principal = {**principal, "AWS": own}
        return matches(principal, caller_arn)

    iam_evaluator._principal_matches = matches_whole
