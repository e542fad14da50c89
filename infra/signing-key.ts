import { RemovalPolicy } from 'aws-cdk-lib';
import { AnyPrincipal, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

/** A key that signs evidence. Its own policy denies its use to all but one role, or to all. */
export class SigningKey extends Key {
  constructor(
    scope: Construct,
    id: string,
    props: {
      /** What it signs, for people. */
      readonly signs: string;
      /** Undefined for a key that another has replaced. */
      readonly signer: IRole | undefined;
      readonly deletionProtection: boolean;
    },
  ) {
    super(scope, id, {
      description: `Interlock: signs ${props.signs}`,
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      removalPolicy: props.deletionProtection ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const { signer } = props;
    this.addToResourcePolicy(
      PolicyStatement.fromJson({
        Sid: 'OnlyOneSigns',
        Effect: 'Deny',
        Principal: new AnyPrincipal().policyFragment.principalJson,
        Action: 'kms:Sign',
        Resource: '*',
        ...(signer === undefined
          ? {}
          : { Condition: { ArnNotEquals: { 'aws:PrincipalArn': signer.roleArn } } }),
      }),
    );
    signer?.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['kms:GetPublicKey', 'kms:Sign'],
        resources: [this.keyArn],
      }),
    );
  }
}
