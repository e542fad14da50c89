import { STSClient } from '@aws-sdk/client-sts';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { accountReader } from '../adapters/aws/account-reader.ts';
import { auditDocuments } from '../adapters/aws/audit-documents.ts';
import { requestSigner } from '../adapters/aws/request-signer.ts';
import { hostClock } from '../adapters/embedded/clock.ts';
import { timedIds } from '../adapters/embedded/ids.ts';
import type { AuditPorts, AuditStep } from '../agents/iam-auditor/audit/ports.ts';
import { AuditState } from '../agents/iam-auditor/audit/state.ts';
import { createClient } from '../api/client.ts';
import { CLIENT, objects } from './clients.ts';
import { accountRole, variable } from './environment.ts';
import { type Handler, handler, parseEvent } from './handler.ts';

/** The Lambda of one step of an audit. */
export function auditHandler(step: AuditStep): Handler {
  let ports: AuditPorts | undefined;
  return handler(async (event) => {
    ports ??= openAuditPorts();
    const { error: _, ...state } = parseEvent(AuditState, event);
    return step(ports, state);
  });
}

function openAuditPorts(): AuditPorts {
  const region = variable('AWS_REGION');
  return {
    documents: auditDocuments({ client: objects(), bucket: variable('AUDIT_BUCKET') }),
    ids: timedIds(() => hostClock.now()),
    clock: hostClock,
    readAccount: accountReader({
      sts: new STSClient(CLIENT),
      iam: { ...CLIENT, region },
      roleArnOf: accountRole,
    }),
    // As every agent: signed with its own role, behind API Gateway.
    api: createClient({
      endpoint: variable('AGENT_API'),
      sign: requestSigner({ region, credentials: defaultProvider() }),
    }),
  };
}
