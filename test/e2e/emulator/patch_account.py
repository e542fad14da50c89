"""Patches of what the IAM of an account holds and says of itself; patch.py says what a patch is."""

import json
import os

from ministack.services import iam

# "IAM and AWS STS quotas", IAM user guide.
ATTACHMENTS_MAX = 10


def never_reuse_version_ids():
    """The id of a deleted version of a managed policy never returns (IAM user guide).

    Stock MiniStack gives it to the next version.
    """
    create = iam._IAM_HANDLERS["CreatePolicyVersion"]

    def handle(parameters):
        policy = iam._policies.get(iam._p(parameters, "PolicyArn"))
        if policy is None:
            return create(parameters)
        present = set(policy["Versions"])
        made = max([policy.get("VersionsMade", 0), *(int(one[1:]) for one in present)])
        status, headers, body = create(parameters)
        for given in set(policy["Versions"]) - present:
            own = f"v{made + 1}"
            version = policy["Versions"].pop(given)
            policy["Versions"][own] = {**version, "VersionId": own}
            policy["VersionsMade"] = made + 1
            if version["IsDefaultVersion"]:
                policy["DefaultVersionId"] = own
            body = body.replace(f"<VersionId>{given}<".encode(), f"<VersionId>{own}<".encode())
        return status, headers, body

    iam._IAM_HANDLERS["CreatePolicyVersion"] = handle


def list_all_of_the_account():
    """GetAccountAuthorizationDetails lists boundaries, the policies of AWS in use, and dates.

    Stock MiniStack leaves all of these out, so that who may do what cannot be told from its answer.
    """
    details = iam._IAM_HANDLERS["GetAccountAuthorizationDetails"]

    def handle(parameters):
        status, headers, body = details(parameters)
        text = body.decode()
        filters = {iam._p(parameters, f"Filter.member.{n}") for n in range(1, 6)} - {""}
        for user in iam._users.values():
            text = with_boundary(text, user, "<UserPolicyList>")
        for role in iam._roles.values():
            trust = iam._url_quote(role.get("AssumeRolePolicyDocument") or "{}", safe="")
            element = f"<AssumeRolePolicyDocument>{trust}</AssumeRolePolicyDocument>"
            text = with_boundary(text, role, element + "<RolePolicyList>")
        arns = []
        if not filters or "LocalManagedPolicy" in filters:
            arns += list(iam._policies)
        if not filters or "AWSManagedPolicy" in filters:
            arns += sorted(aws_managed_in_use())
        start, end = text.index("<Policies>"), text.index("</Policies>")
        listed = "".join(policy_detail(arn) for arn in arns if iam._lookup_policy(arn))
        return status, headers, (text[:start] + "<Policies>" + listed + text[end:]).encode()

    def with_boundary(text, entity, next_element):
        if not entity.get("PermissionsBoundary"):
            return text
        place = "".join(
            f"<{field}>{entity[field]}</{field}>" for field in ("Arn", "Path", "CreateDate")
        )
        boundary = (
            "<PermissionsBoundary><PermissionsBoundaryType>Policy</PermissionsBoundaryType>"
            f"<PermissionsBoundaryArn>{entity['PermissionsBoundary']}</PermissionsBoundaryArn>"
            "</PermissionsBoundary>"
        )
        return text.replace(place + next_element, place + boundary + next_element)

    def aws_managed_in_use():
        entities = [*iam._users.values(), *iam._roles.values(), *iam._groups.values()]
        used = {arn for entity in entities for arn in entity.get("AttachedPolicies", [])}
        used |= {entity.get("PermissionsBoundary") for entity in entities}
        return {arn for arn in used if iam._is_aws_managed_arn(arn)}

    def policy_detail(arn):
        versions = "".join(
            f"<member><Document>{iam._url_quote(version['Document'], safe='')}</Document>"
            f"<VersionId>{version['VersionId']}</VersionId>"
            f"<IsDefaultVersion>{str(bool(version['IsDefaultVersion'])).lower()}</IsDefaultVersion>"
            f"<CreateDate>{version['CreateDate']}</CreateDate></member>"
            for version in iam._lookup_policy(arn)["Versions"].values()
        )
        policy = iam._managed_policy_xml(arn)
        return f"<member>{policy}<PolicyVersionList>{versions}</PolicyVersionList></member>"

    iam._IAM_HANDLERS["GetAccountAuthorizationDetails"] = handle


def publish_policies_of_the_sample_account():
    """The policies of AWS that examples/acme-account.json attaches exist, with its documents.

    Stock MiniStack has about thirty of the thousand that AWS publishes.
    """
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")
    with open(os.path.join(root, "examples", "acme-account.json"), encoding="utf8") as file:
        policies = json.load(file)["Policies"]
    seed = iam._seed_aws_managed_policies

    def seed_all():
        seed()
        for policy in policies:
            arn = policy["Arn"]
            if not iam._is_aws_managed_arn(arn) or arn in iam._aws_managed_policies:
                continue
            name = arn.partition(":policy/")[2]
            document = json.dumps(policy["PolicyVersionList"][0]["Document"])
            iam._aws_managed_policies[arn] = iam._make_aws_managed_record(name, document)

    # A reset of the emulator publishes them again.
    iam._seed_aws_managed_policies = seed_all
    seed_all()


def refuse_attachments():
    """A policy that is not there is not attached, nor an eleventh to one user, role or group.

    Stock MiniStack attaches whatever is named.
    """
    entities = {"User": iam._users, "Role": iam._roles, "Group": iam._groups}
    for label, entity_of in entities.items():
        refuse_attachments_to(label, entity_of)


def refuse_attachments_to(label, entities):
    attach = iam._IAM_HANDLERS[f"Attach{label}Policy"]

    def handle(parameters):
        arn = iam._p(parameters, "PolicyArn")
        entity = entities.get(iam._p(parameters, f"{label}Name"))
        if entity is not None and not iam._policy_exists(arn):
            return iam._error(404, "NoSuchEntity", f"Policy {arn} does not exist.", ns="iam")
        attached = (entity or {}).get("AttachedPolicies", [])
        if len(attached) >= ATTACHMENTS_MAX and arn not in attached:
            message = f"Cannot exceed quota for PoliciesPer{label}: {ATTACHMENTS_MAX}"
            return iam._error(409, "LimitExceeded", message, ns="iam")
        return attach(parameters)

    iam._IAM_HANDLERS[f"Attach{label}Policy"] = handle
