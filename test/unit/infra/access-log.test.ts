import { describe, expect, it } from '@jest/globals';
import { resourcesOf, synthesize } from './synthesis.ts';

const { controlPlane } = synthesize();

describe('the access log of each surface', () => {
  const formats = resourcesOf(controlPlane, 'AWS::ApiGateway::Stage').map(
    ([, { Properties: own }]) => own['AccessLogSetting'].Format as string,
  );

  it('tells which transaction was asked for and by whom', () => {
    expect(formats).toHaveLength(2);
    for (const format of formats)
      expect(JSON.parse(format)).toMatchObject({
        path: '$context.path',
        userArn: '$context.identity.userArn',
        subject: '$context.authorizer.claims.sub',
      });
  });
});
