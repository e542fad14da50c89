import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { CognitoUserPoolsAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import { AccountRecovery, Mfa, UserPool, type UserPoolClient } from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { OPERATORS_GROUP } from './names.ts';

/** Whoever is taken out of the group still has a token for so long. */
const TOKEN_LIFE = Duration.minutes(15);
/** A working day; the next one begins with password and second factor. */
const SESSION_LIFE = Duration.hours(12);

/** The people who approve, resume, resolve, and move the kill switch: users of one group. */
export class Operators extends Construct {
  readonly pool: UserPool;
  readonly client: UserPoolClient;
  readonly authorizer: CognitoUserPoolsAuthorizer;

  constructor(
    scope: Construct,
    id: string,
    props: { readonly mfa: 'required' | 'optional'; readonly deletionProtection: boolean },
  ) {
    super(scope, id);
    this.pool = new UserPool(this, 'Pool', {
      selfSignUpEnabled: false,
      signInCaseSensitive: false,
      signInAliases: { username: true },
      mfa: props.mfa === 'required' ? Mfa.REQUIRED : Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      accountRecovery: AccountRecovery.NONE,
      passwordPolicy: {
        minLength: 12,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
      },
      deletionProtection: props.deletionProtection,
      removalPolicy: props.deletionProtection ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    this.pool.addGroup('Operators', { groupName: OPERATORS_GROUP });
    this.client = this.pool.addClient('Client', {
      authFlows: { userSrp: true, userPassword: true },
      generateSecret: false,
      preventUserExistenceErrors: true,
      idTokenValidity: TOKEN_LIFE,
      accessTokenValidity: TOKEN_LIFE,
      refreshTokenValidity: SESSION_LIFE,
      // Or it would have OAuth flows that end at an address of somebody else.
      disableOAuth: true,
    });
    Validations.of(this.pool).acknowledge({
      id: 'AwsSolutions-COG8',
      reason: 'The tier is paid by user; a second factor is required, and nobody signs up.',
    });
    this.authorizer = new CognitoUserPoolsAuthorizer(this, 'Authorizer', {
      cognitoUserPools: [this.pool],
      resultsCacheTtl: Duration.seconds(0),
    });
  }
}
