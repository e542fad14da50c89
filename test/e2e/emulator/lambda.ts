import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { clientOptions, type Emulator } from './emulator.ts';
import { zipOf } from './zip.ts';

/** Makes a Node.js Lambda whose `exports.handler` is in this CommonJS text; its ARN. */
export async function createFunction(
  emulator: Emulator,
  lambda: { readonly name: string; readonly role: string; readonly text: string },
): Promise<string> {
  const made = await new LambdaClient(clientOptions(emulator)).send(
    new CreateFunctionCommand({
      FunctionName: lambda.name,
      Role: lambda.role,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Timeout: 60,
      Code: { ZipFile: zipOf('index.js', lambda.text) },
    }),
  );
  return made.FunctionArn ?? '';
}
