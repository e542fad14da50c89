import { describe, expect, it } from '@jest/globals';
import { resourcesOf, synthesize } from './synthesis.ts';

const HOURS_MAX = 24;
const MINUTES_MAX = 60;
const { controlPlane } = synthesize();

describe('the client that operators sign in with', () => {
  const [only, ...others] = resourcesOf(controlPlane, 'AWS::Cognito::UserPoolClient');
  const client = only?.[1].Properties ?? {};

  it('is the only one', () => {
    expect(only).toBeDefined();
    expect(others).toEqual([]);
  });

  it('has no OAuth flow, and so no address that a token is sent to', () => {
    expect(client['AllowedOAuthFlowsUserPoolClient']).toBe(false);
    expect(client['AllowedOAuthFlows']).toBeUndefined();
    expect(client['CallbackURLs']).toBeUndefined();
  });

  it('asks for password and second factor again every day', () => {
    const units = client['TokenValidityUnits'];

    expect(units).toEqual({ AccessToken: 'minutes', IdToken: 'minutes', RefreshToken: 'minutes' });
    expect(client['RefreshTokenValidity']).toBeLessThanOrEqual(HOURS_MAX * MINUTES_MAX);
  });
});
