"""Starts MiniStack with what production must not need to know about.

    python patch.py --parent PID --folder SCRATCH [--stock]

A patch is a function whose sentence says why it is there. Each refuses to start when the code it
changes is not as expected, and emulator.e2e.ts shows that MiniStack without it (--stock) lacks it.
"""

import argparse
import os
import shutil
import signal
import sys
import threading
import time

import patch_account
import patch_archive
import patch_sessions
from ministack.app import main
from ministack.core import iam_actions, iam_evaluator, lambda_runtime
from ministack.services import iam, lambda_svc

PARENT_CHECK_SECONDS = 0.5


def keep_error_names():
    """A Catch or Retry of a state machine matches the name of the error a Lambda throws, as on AWS.

    Stock MiniStack calls each of them Runtime.HandlerError.
    """
    thrown = 'error: String(err.message || err), trace: err.stack || ""'
    named = "errorType: err instanceof Error ? err.name : typeof err, " + thrown
    script = lambda_runtime._NODEJS_WORKER_SCRIPT
    expect(script.count(thrown) == 1, "the Node.js worker script")
    script = script.replace(thrown, named)
    # What a handler throws before its first await is not an answer of its promise.
    thrown_at_once = "error: e.message, trace: e.stack\n"
    expect(script.count(thrown_at_once) == 1, "the Node.js worker script")
    script = script.replace(thrown_at_once, "errorType: e.name, " + thrown_at_once)
    lambda_runtime._NODEJS_WORKER_SCRIPT = script

    invoke, execute = lambda_runtime.Worker.invoke, lambda_svc._execute_function_warm

    def invoke_keeping_name(self, *args, **kwargs):
        response = invoke(self, *args, **kwargs)
        if response.get("errorType"):
            response["error"] = NamedError(response["error"])
            response["error"].name = response["errorType"]
            response["error"].trace = response.get("trace", "").split("\n")
        return response

    def execute_keeping_name(func, event, request_id):
        result = execute(func, event, request_id)
        message = result["body"].get("errorMessage") if result.get("error") else None
        if isinstance(message, NamedError):
            result["body"].update(errorType=message.name, trace=message.trace)
        return result

    lambda_runtime.Worker.invoke = invoke_keeping_name
    lambda_svc._execute_function_warm = execute_keeping_name


class NamedError(str):
    """The message of an error, which carries the name past code that knows only messages."""


def set_default_policy_version():
    """iam:SetDefaultPolicyVersion exists: the inverse of CreatePolicyVersion needs it."""
    expect("SetDefaultPolicyVersion" not in iam._IAM_HANDLERS, "the operations of IAM")

    def handle(parameters):
        arn = iam._p(parameters, "PolicyArn")
        version_id = iam._p(parameters, "VersionId")
        if iam._is_aws_managed_arn(arn):
            return iam._error(403, "AccessDenied", f"{arn} is AWS-managed.", ns="iam")
        policy = iam._policies.get(arn)
        if policy is None or version_id not in policy["Versions"]:
            return iam._error(404, "NoSuchEntity", f"{arn} has no version {version_id}.", ns="iam")
        for version in policy["Versions"].values():
            version["IsDefaultVersion"] = version["VersionId"] == version_id
        policy.update(DefaultVersionId=version_id, UpdateDate=iam._now())
        return iam._xml(200, "SetDefaultPolicyVersionResponse", "", ns="iam")

    iam._IAM_HANDLERS["SetDefaultPolicyVersion"] = handle


def match_arns_with_their_path():
    """A policy that names an IAM entity by its ARN matches it: ARNs hold the entity's path.

    Stock MiniStack compares with an ARN made of the bare name, and CreatePolicy with `*`.
    """
    extract = iam_actions.extract_resource_arn
    stores = {"role": iam._roles, "user": iam._users, "group": iam._groups}

    def extract_with_path(service, method, path, headers, body, params, region, account_id):
        arn = extract(service, method, path, headers, body, params, region, account_id)
        if service != "iam":
            return arn
        action = iam_actions._query_param(params, "Action")
        new_path = iam_actions._query_param(params, "Path") or "/"
        if action == "CreatePolicy":
            name = iam_actions._query_param(params, "PolicyName")
            return f"arn:aws:iam::{account_id}:policy{new_path}{name}"
        kind, _, name = arn.partition(f":{account_id}:")[2].partition("/")
        if kind not in stores:
            return arn
        if action == f"Create{kind.capitalize()}":
            return f"arn:aws:iam::{account_id}:{kind}{new_path}{name}"
        return (stores[kind].get(name) or {}).get("Arn", arn)

    iam_actions.extract_resource_arn = extract_with_path


def know_iam_condition_keys():
    """The session policies of single steps narrow by iam:PolicyARN and iam:PermissionsBoundary.

    Stock MiniStack has neither key, so that a correct narrow policy is denied. The first is the
    policy that is attached or detached; the second is the boundary in the request where there is
    one, else the boundary that the principal has (Service Authorization Reference, IAM).
    """
    context_of = iam_actions.request_tag_context

    def context_with_keys(service, iam_action, body, params):
        context = context_of(service, iam_action, body, params)
        if service != "iam":
            return context
        role = iam._roles.get(iam_actions._query_param(params, "RoleName"))
        user = iam._users.get(iam_actions._query_param(params, "UserName"))
        boundary = iam_actions._query_param(params, "PermissionsBoundary") or (
            role or user or {}
        ).get("PermissionsBoundary")
        if boundary:
            context["iam:permissionsboundary"] = boundary
        if iam_action.startswith(("iam:Attach", "iam:Detach")):
            context["iam:policyarn"] = iam_actions._query_param(params, "PolicyArn")
        return context

    iam_actions.request_tag_context = context_with_keys


def name_the_role_of_a_session():
    """aws:PrincipalArn of a session is the ARN of its role, path and all (IAM user guide).

    Stock MiniStack gives the ARN of the session, so that a Deny for all but one role denies that
    one too.
    """
    resolve = iam_evaluator._resolve_condition_key

    def resolve_with_role(key, context):
        value = resolve(key, context)
        if key.lower() != "aws:principalarn" or ":assumed-role/" not in (value or ""):
            return value
        name = iam_evaluator._role_name_from_assumed_arn(value)
        role = iam._roles.get_scoped(value.split(":")[4], None, name)
        return role["Arn"] if role else value

    iam_evaluator._resolve_condition_key = resolve_with_role


def expect(holds, what):
    if not holds:
        raise SystemExit(f"{what} of this MiniStack is not what the patch was written for")


def end_with(parent, folder):
    """No orphans: when the parent is gone, however it ended, so is this whole process group."""

    def watch():
        while os.getppid() == parent:
            time.sleep(PARENT_CHECK_SECONDS)
        shutil.rmtree(folder, ignore_errors=True)
        os.killpg(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--stock", action="store_true")
    options = parser.parse_args()
    if os.getpgrp() != os.getpid():
        raise SystemExit("the emulator must lead a process group of its own")
    end_with(options.parent, options.folder)
    if not options.stock:
        keep_error_names()
        set_default_policy_version()
        match_arns_with_their_path()
        know_iam_condition_keys()
        name_the_role_of_a_session()
        patch_account.never_reuse_version_ids()
        patch_account.list_all_of_the_account()
        patch_account.publish_policies_of_the_sample_account()
        patch_account.refuse_attachments()
        patch_sessions.check_sessions()
        patch_sessions.match_principals_with_their_path()
        patch_archive.take_its_requests_for_tls()
        patch_archive.know_conditional_puts()
        patch_archive.lock_buckets_of_stacks()
    sys.argv[1:] = []  # MiniStack reads the command line too.
    main()
