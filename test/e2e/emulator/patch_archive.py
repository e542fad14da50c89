"""Patches of what the archive of evidence rests on; patch.py says what a patch is."""

from ministack.core import iam_actions, iam_evaluator
from ministack.services import s3
from ministack.services.cloudformation import provisioners


def take_its_requests_for_tls():
    """A policy that admits TLS alone admits requests to the emulator, which speaks plain HTTP.

    Stock MiniStack denies every request to a bucket whose policy demands TLS.
    """
    resolve = iam_evaluator._resolve_condition_key

    def resolve_as_tls(key, context):
        return "true" if key.lower() == "aws:securetransport" else resolve(key, context)

    iam_evaluator._resolve_condition_key = resolve_as_tls


def know_conditional_puts():
    """s3:if-none-match is in the context of a PutObject that is conditional (S3 user guide).

    Stock MiniStack does not have the key, so that a policy that admits conditional puts alone
    denies those too.
    """
    context_of = iam_actions._s3_object_context

    def context_with_condition(iam_action, query_params, path, headers):
        context = context_of(iam_action, query_params, path, headers)
        condition = headers.get("if-none-match")
        if iam_action == "s3:PutObject" and condition:
            context["s3:if-none-match"] = condition
        return context

    iam_actions._s3_object_context = context_with_condition


def lock_buckets_of_stacks():
    """A bucket of a stack has the Object Lock and the default retention that the template says.

    Stock MiniStack has Object Lock in its S3 and leaves it out in its CloudFormation.
    """
    handlers = provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]
    create = handlers["create"]

    def create_locked(logical_id, props, stack_name):
        name, attributes = create(logical_id, props, stack_name)
        if str(props.get("ObjectLockEnabled")).lower() == "true":
            rule = props.get("ObjectLockConfiguration", {}).get("Rule", {})
            retention = rule.get("DefaultRetention")
            days = {"Days": int(retention["Days"])} if retention else {}
            default = {"Mode": retention["Mode"], **days} if retention else None
            s3._bucket_object_lock[name] = {"enabled": True, "default_retention": default}
        return name, attributes

    handlers["create"] = create_locked
