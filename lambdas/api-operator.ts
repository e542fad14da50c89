import { operatorOfClaims } from '../adapters/aws/principals.ts';
import { serve } from './serving.ts';

export const handler = serve({
  surface: 'operator',
  callerOf: ({ authorizer }) => operatorOfClaims(authorizer?.claims),
});
