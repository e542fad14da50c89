import { dirname, join } from 'node:path';
import { ArnFormat, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { type BundlingOptions, NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { CfnStateMachine, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { ROLE_PATH } from './names.ts';

/** The root of the project: entries, policies and the lock file are found from there. */
const ROOT = join(import.meta.dirname, '..');
/** Lambda's own end ("Lambda quotas"); a task of the state machine has the same time. */
const TIMEOUT = Duration.minutes(15);
const MEMORY_MIB = 512;

/** What one function of the control plane is made of. */
export interface TaskFunctionProps {
  /** The file in `lambdas/` without its ending. */
  readonly entry: string;
  readonly architecture: string;
  readonly logRetentionDays: RetentionDays;
  readonly environment: Readonly<Record<string, string>>;
  /** The role of an agent, which its functions have in common; one of its own when absent. */
  readonly role?: Role;
  /** A fixed name, where another account must name the role. */
  readonly roleName?: string;
  /** Files and folders of the project that stand beside the code. */
  readonly files?: readonly string[];
  readonly memoryMib?: number;
  /** Shorter than a task of the state machine has. */
  readonly timeout?: Duration;
  /** Packages that read files of their own, and so are not bundled but stand beside the code. */
  readonly packages?: readonly string[];
  /** Records X-Ray traces. */
  readonly tracing?: boolean;
  /** How many run at once at most, by the name of the entry; no bound for what is not named. */
  readonly reservedConcurrency?: Readonly<Record<string, number>>;
  /** Where the event of an asynchronous call ends that failed every time. */
  readonly deadLetters?: IQueue;
}

/** What the decision point reads: the policies, and Cedar itself. */
export const POLICY_FILES: readonly string[] = [
  'node_modules/@cedar-policy/cedar-wasm/nodejs/cedar_wasm_bg.wasm',
  'policies',
];

/** One function with a role of its own, which may at first do nothing but write its log. */
export class TaskFunction extends Construct {
  readonly role: Role;
  readonly function: NodejsFunction;

  constructor(scope: Construct, id: string, props: TaskFunctionProps) {
    super(scope, id);
    this.role = props.role ?? ownRole(this, props.roleName);
    const logGroup = new LogGroup(this, 'Log', {
      retention: props.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    logGroup.grantWrite(this.role);
    const reserved = props.reservedConcurrency?.[props.entry];
    this.function = new NodejsFunction(this, 'Function', {
      entry: join(ROOT, 'lambdas', `${props.entry}.ts`),
      description: `Interlock: ${props.entry}`,
      projectRoot: ROOT,
      depsLockFilePath: join(ROOT, 'package-lock.json'),
      runtime: Runtime.NODEJS_24_X,
      architecture: props.architecture === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64,
      timeout: props.timeout ?? TIMEOUT,
      memorySize: props.memoryMib ?? MEMORY_MIB,
      role: this.role,
      logGroup,
      environment: {
        NODE_OPTIONS: '--enable-source-maps',
        TASK: props.entry,
        ...props.environment,
      },
      ...(reserved === undefined ? {} : { reservedConcurrentExecutions: reserved }),
      ...(props.tracing === true ? { tracing: Tracing.ACTIVE } : {}),
      ...(props.deadLetters === undefined ? {} : { deadLetterQueue: props.deadLetters }),
      bundling: bundling(props),
    });
    this.acknowledge(props);
  }

  private acknowledge({ deadLetters, tracing }: TaskFunctionProps): void {
    const optional = { id: 'Serverless-LambdaTracing', reason: 'Optional: context `tracing`.' };
    const wide = { id: 'AwsSolutions-IAM5[Resource::*]', reason: 'X-Ray has none to name.' };
    if (tracing === true) Validations.of(this.role).acknowledge(wide);
    else Validations.of(this.function).acknowledge(optional);
    if (deadLetters !== undefined) return;
    Validations.of(this.function).acknowledge({
      id: 'Serverless-LambdaDLQ',
      reason: 'Its callers wait for the answer, or have a queue of their own for what fails.',
    });
  }

  /** Lets this function invoke another. */
  invokes(other: TaskFunction): void {
    other.grantInvoke(this.role);
  }

  /** Lets a role invoke this function, and none of its versions and aliases. */
  grantInvoke(role: Role): void {
    const { functionArn } = this.function;
    role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] }),
    );
  }

  /** Lets this function start executions of a state machine. */
  starts(machine: StateMachine): void {
    machine.grantStartExecution(this.role);
    this.function.addEnvironment('TRANSACTION_MACHINE', machine.stateMachineArn);
  }

  /** Lets this function start executions, and see whether one runs. */
  goesOnWith(machine: StateMachine): void {
    this.starts(machine);
    const executions = Stack.of(this).formatArn({
      service: 'states',
      resource: 'execution',
      resourceName: `${machine.stateMachineName}:*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    this.role.addToPolicy(
      new PolicyStatement({ actions: ['states:DescribeExecution'], resources: [executions] }),
    );
    const machineId = Stack.of(this).getLogicalId(machine.node.defaultChild as CfnStateMachine);
    const own = '<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>';
    Validations.of(this.role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::arn:${own}:execution:<${machineId}.Name>:*]`,
      reason: 'The executions of the one machine are named after transactions.',
    });
  }

  /** Lets this function read the public halves of keys, which a variable names. */
  readsPublicKeys(variable: string, keys: readonly IKey[]): void {
    const resources = keys.map(({ keyArn }) => keyArn);
    this.role.addToPolicy(new PolicyStatement({ actions: ['kms:GetPublicKey'], resources }));
    this.function.addEnvironment(variable, resources.join(' '));
  }

  /** Lets this function write a parameter, and make it. */
  movesParameter(name: string): void {
    this.role.addToPolicy(this.onParameter('ssm:PutParameter', name));
  }

  /** Lets this function read a parameter, which need not exist. */
  readsParameter(name: string): void {
    this.role.addToPolicy(this.onParameter('ssm:GetParameter', name));
  }

  private onParameter(action: string, name: string): PolicyStatement {
    const { partition, region, account } = Stack.of(this);
    const parameter = `arn:${partition}:ssm:${region}:${account}:parameter${name}`;
    return new PolicyStatement({ actions: [action], resources: [parameter] });
  }
}

/** A role that functions may have. */
export function ownRole(scope: Construct, roleName?: string): Role {
  return new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    path: ROLE_PATH,
    ...(roleName === undefined ? {} : { roleName }),
  });
}

function bundling({ files = [], packages = [] }: TaskFunctionProps): BundlingOptions {
  const beside = [...files.map((file) => [file, '.']), ...packages.map(besideCode)] as const;
  return {
    target: 'node24',
    format: OutputFormat.CJS,
    sourceMap: true,
    sourcesContent: false,
    minify: true,
    // ASL matches the names of errors; they are literal, and stay so.
    keepNames: true,
    // The one version that was tested, not the runtime's of the day.
    bundleAwsSDK: true,
    externalModules: [...packages],
    // CommonJS has no such thing.
    define: { 'import.meta.url': 'fileOfBundle' },
    banner: "const fileOfBundle = require('node:url').pathToFileURL(__filename).href;",
    forceDockerBundling: false,
    commandHooks: {
      beforeBundling: () => [],
      beforeInstall: () => [],
      afterBundling: (input, output) =>
        beside.flatMap(([file, folder]) => [
          `mkdir -p ${join(output, folder)}`,
          `cp -R ${join(input, file)} ${join(output, folder)}/`,
        ]),
    },
  };
}

function besideCode(name: string): readonly [string, string] {
  const file = join('node_modules', name);
  return [file, dirname(file)];
}
