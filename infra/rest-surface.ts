import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  AccessLogField,
  AccessLogFormat,
  AuthorizationType,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  type MethodOptions,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { TaskFunction } from './task-function.ts';

/** Requests that one surface takes: what is above it is told to come back. */
const THROTTLE = { throttlingRateLimit: 50, throttlingBurstLimit: 100 };

/** Who asked for what: one resource serves all paths, so that only the path tells. Never a query. */
const ACCESS_LOG = AccessLogFormat.custom(
  JSON.stringify({
    requestId: AccessLogField.contextRequestId(),
    requestTime: AccessLogField.contextRequestTime(),
    ip: AccessLogField.contextIdentitySourceIp(),
    /** Of an agent. */
    userArn: AccessLogField.contextIdentityUserArn(),
    /** Of an operator. */
    subject: AccessLogField.contextAuthorizerClaims('sub'),
    httpMethod: AccessLogField.contextHttpMethod(),
    path: AccessLogField.contextPath(),
    status: AccessLogField.contextStatus(),
    responseLength: AccessLogField.contextResponseLength(),
  }),
);

/** What stands before every path: API Gateway has no API without a stage. */
export const GATEWAY_STAGE = 'api';

/** Whom a surface serves, and who answers. */
export interface RestSurfaceProps {
  readonly name: string;
  readonly answers: TaskFunction;
  readonly authorization: MethodOptions;
  readonly logRetentionDays: RetentionDays;
  readonly tracing: boolean;
}

/** One surface of the API: every request is authorized by API Gateway, and answered by one function. */
export class RestSurface extends Construct {
  readonly api: RestApi;

  constructor(scope: Construct, id: string, props: RestSurfaceProps) {
    super(scope, id);
    const accessLog = new LogGroup(this, 'AccessLog', {
      retention: props.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.api = new RestApi(this, 'Api', {
      restApiName: props.name,
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole: false,
      deployOptions: {
        stageName: GATEWAY_STAGE,
        ...THROTTLE,
        loggingLevel: MethodLoggingLevel.ERROR,
        // Plans may hold what is nobody else's.
        dataTraceEnabled: false,
        tracingEnabled: props.tracing,
        accessLogDestination: new LogGroupLogDestination(accessLog),
        accessLogFormat: ACCESS_LOG,
      },
      defaultMethodOptions: props.authorization,
    });
    const integration = new LambdaIntegration(props.answers.function, { allowTestInvoke: false });
    this.api.root.addProxy({ anyMethod: true, defaultIntegration: integration });
    this.acknowledge(props);
  }

  private acknowledge({ authorization, tracing }: RestSurfaceProps): void {
    const { deploymentStage } = this.api;
    Validations.of(this.api).acknowledge({
      id: 'AwsSolutions-APIG2',
      reason: 'The function parses every request with a schema, which says more than a model can.',
    });
    Validations.of(deploymentStage).acknowledge({
      id: 'AwsSolutions-APIG3',
      reason: 'Nobody is served without signature or token; which WAF an account has is its own.',
    });
    if (!tracing)
      Validations.of(deploymentStage).acknowledge({
        id: 'Serverless-APIGWXrayEnabled',
        reason: 'Optional: context `tracing`.',
      });
    if (authorization.authorizationType !== AuthorizationType.IAM) return;
    Validations.of(this.api).acknowledge({
      id: 'AwsSolutions-COG4',
      reason: 'Agents are roles, not people: their requests are signed (SigV4).',
    });
  }
}
