import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SSMClient } from '@aws-sdk/client-ssm';

/** A call that hangs must end long before its function does. */
const times = (requestTimeout: number) => ({
  requestHandler: { connectionTimeout: 2000, requestTimeout, throwOnRequestTimeout: true },
});
/** The vault itself waits for STS. */
const VAULT_MS = 30_000;

/** What each client of the control plane's own services is made with. */
export const CLIENT = times(10_000);

export const dynamo = () => new DynamoDBClient(CLIENT);
export const parameters = () => new SSMClient(CLIENT);
export const functions = () => new LambdaClient(times(VAULT_MS));
export const objects = () => new S3Client(CLIENT);
