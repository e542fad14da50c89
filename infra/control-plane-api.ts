import { Duration, Stack } from 'aws-cdk-lib';
import { AuthorizationType, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import packageJson from '../package.json' with { type: 'json' };
import type { ControlPlaneTables } from './control-plane-tables.ts';
import { Exports } from './exports.ts';
import { GatewayLogs } from './gateway-logs.ts';
import { Operators } from './operators.ts';
import { GATEWAY_STAGE, RestSurface, type RestSurfaceProps } from './rest-surface.ts';
import type { Settings } from './settings.ts';
import { TaskFunction, type TaskFunctionProps } from './task-function.ts';
import type { Vault } from './vault.ts';

/** API Gateway waits no longer ("Amazon API Gateway quotas"). */
const TIMEOUT = Duration.seconds(29);

/** What the API is put in front of. */
export interface ControlPlaneApiProps {
  readonly shared: Omit<TaskFunctionProps, 'entry'>;
  readonly settings: Settings;
  readonly killSwitch: string;
  readonly tables: ControlPlaneTables;
  readonly machine: StateMachine;
  /** Seals now. */
  readonly key: IKey;
  /** Signs the log. */
  readonly logKey: IKey;
  readonly vault: Vault;
}

/** Two surfaces, each with a function and role of its own: what proposes can never approve. */
export class ControlPlaneApi extends Construct {
  readonly agents: RestApi;
  private readonly logs: GatewayLogs | undefined;
  /** Where the surfaces are, and who signs in where. */
  readonly outputs: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: ControlPlaneApiProps) {
    super(scope, id);
    const exported = new Exports(this, 'Exports');
    if (props.settings.gatewayLogs) this.logs = new GatewayLogs(this, 'Logs');
    this.agents = this.surfaceOfAgents(props, exported).api;
    const { agents } = this;
    const ofAgents = { AgentApi: agents.url, AgentApiArn: agents.arnForExecuteApi() };
    this.outputs = { ...ofAgents, ...this.outputsOfOperators(props, exported) };
  }

  private outputsOfOperators(props: ControlPlaneApiProps, exported: Exports) {
    if (!props.settings.cognito) return {};
    const { operatorMfa: mfa, deletionProtection } = props.settings;
    const people = new Operators(this, 'Operators', { mfa, deletionProtection });
    const { api } = this.surfaceOfOperators(props, exported, people);
    return {
      OperatorApi: api.url,
      UserPool: people.pool.userPoolId,
      UserPoolClient: people.client.userPoolClientId,
    };
  }

  private surfaceOfAgents(props: ControlPlaneApiProps, exported: Exports): RestSurface {
    const answers = this.functionFor('api-agent', props, exported);
    answers.function.addEnvironment('ACCOUNT', Stack.of(this).account);
    const dryRun = new TaskFunction(this, 'DryRun', {
      ...props.shared,
      entry: 'dry-run',
      timeout: TIMEOUT,
    });
    props.tables.grantChange(dryRun.role);
    dryRun.readsParameter(props.killSwitch);
    props.vault.serves(dryRun);
    answers.invokes(dryRun);
    answers.function.addEnvironment('DRY_RUN_FUNCTION', dryRun.function.functionName);
    return this.surface('AgentApi', {
      ...this.common(props, 'agents'),
      answers,
      authorization: { authorizationType: AuthorizationType.IAM },
    });
  }

  private surfaceOfOperators(
    props: ControlPlaneApiProps,
    exported: Exports,
    { authorizer }: Operators,
  ): RestSurface {
    const answers = this.functionFor('api-operator', props, exported);
    answers.movesParameter(props.killSwitch);
    return this.surface('OperatorApi', {
      ...this.common(props, 'operators'),
      answers,
      authorization: { authorizationType: AuthorizationType.COGNITO, authorizer },
    });
  }

  private surface(id: string, props: RestSurfaceProps): RestSurface {
    const made = new RestSurface(this, id, props);
    this.logs?.serves(made.api);
    return made;
  }

  private common({ settings }: ControlPlaneApiProps, who: string) {
    const { stage, logRetentionDays, tracing } = settings;
    return { name: `interlock-${stage}-${who}`, logRetentionDays, tracing };
  }

  private functionFor(
    entry: 'api-agent' | 'api-operator',
    { shared, settings, tables, killSwitch, machine, key, logKey }: ControlPlaneApiProps,
    exported: Exports,
  ): TaskFunction {
    const id = entry === 'api-agent' ? 'AgentFunction' : 'OperatorFunction';
    const made = new TaskFunction(this, id, { ...shared, entry, timeout: TIMEOUT });
    tables.grantChange(made.role);
    tables.grantReadDecisions(made.role);
    made.readsParameter(killSwitch);
    made.goesOnWith(machine);
    made.readsPublicKeys('SIGNING_KEY', [key]);
    made.readsPublicKeys('LOG_KEY', [logKey]);
    tables.grantReadLog(made.role);
    exported.serves(made);
    made.function.addEnvironment('STAGE', settings.stage);
    made.function.addEnvironment('BASE_PATH', `/${GATEWAY_STAGE}`);
    made.function.addEnvironment('VERSION', packageJson.version);
    return made;
  }
}
