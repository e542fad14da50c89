import { RemovalPolicy } from 'aws-cdk-lib';
import { AnyPrincipal, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

/** The key that seals evidence. Its own policy denies its use to all but one role. */
export class SigningKey extends Key {
  constructor(
    scope: Construct,
    id: string,
    props: { readonly signer: IRole; readonly deletionProtection: boolean },
  ) {
    super(scope, id, {
      description: 'Seals the evidence of Interlock',
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      removalPolicy: props.deletionProtection ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    this.addToResourcePolicy(
      PolicyStatement.fromJson({
        Sid: 'OnlySealSigns',
        Effect: 'Deny',
        Principal: new AnyPrincipal().policyFragment.principalJson,
        Action: 'kms:Sign',
        Resource: '*',
        Condition: { ArnNotEquals: { 'aws:PrincipalArn': props.signer.roleArn } },
      }),
    );
    props.signer.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['kms:GetPublicKey', 'kms:Sign'],
        resources: [this.keyArn],
      }),
    );
  }
}
