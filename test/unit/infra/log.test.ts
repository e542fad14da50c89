import { describe, expect, it } from '@jest/globals';
import { type Change, describeGuards, type Guarded } from './describe-guards.ts';
import { rolesThatMay } from './grants.ts';
import { functionOf, onlySealSigns, roleOf } from './guards.ts';
import {
  controlStreamsAreSealed,
  everySealIsLogged,
  oneSequencesAtATime,
  onlySequenceSignsTheLog,
  onlySequenceWritesTheLog,
  sequenceChangesNoState,
} from './log-guards.ts';
import { type Resource, resourcesOf, synthesize } from './synthesis.ts';

const { controlPlane } = synthesize();

const grant =
  (entry: string, Action: string): Change =>
  (template) => {
    template.Resources['Mistake'] = {
      Type: 'AWS::IAM::Policy',
      Properties: {
        Roles: [{ Ref: roleOf(template, entry) }],
        PolicyDocument: { Statement: [{ Effect: 'Allow', Action, Resource: '*' }] },
      },
    };
  };
/** Takes every statement with a text in it out of the policies of a function's role. */
const without =
  (entry: string, text: string): Change =>
  (template) => {
    for (const [, { Properties: own }] of resourcesOf(template, 'AWS::IAM::Policy')) {
      if (own['Roles'][0].Ref !== roleOf(template, entry)) continue;
      own['PolicyDocument'].Statement = own['PolicyDocument'].Statement.filter(
        (one: unknown) => !JSON.stringify(one).includes(text),
      );
    }
  };
const ofType =
  (type: string, part: string, change: (own: Resource['Properties']) => void): Change =>
  (template) => {
    const [found, ...others] = resourcesOf(template, type).filter(([id]) => id.includes(part));
    if (found === undefined || others.length > 0) throw new Error(`which ${part} of ${type}?`);
    change(found[1].Properties);
  };
const ofMapping = (change: (own: Resource['Properties']) => void) =>
  ofType('AWS::Lambda::EventSourceMapping', 'OfPending', change);

const GUARDS: readonly Guarded[] = [
  [
    'only sequence signs the log',
    onlySequenceSignsTheLog,
    [
      ['seal may sign it', grant('seal', 'kms:Sign')],
      ['a wildcard covers signing', grant('api-operator', 'kms:*')],
      ['sequence may not', without('sequence', 'kms:Sign')],
      ['who shows proofs cannot read the key', without('api-agent', 'kms:GetPublicKey')],
      [
        'the key has no policy of its own',
        ofType('AWS::KMS::Key', 'LogKey', (own) => own['KeyPolicy'].Statement.pop()),
      ],
    ],
  ],
  [
    'only sequence writes the log',
    onlySequenceWritesTheLog,
    [
      ['seal may write it', grant('seal', 'dynamodb:PutItem')],
      ['archive forgets what is pending', grant('archive', 'dynamodb:BatchWriteItem')],
      ['sequence may not forget', without('sequence', 'BatchWriteItem')],
      ['seal may not say that it is pending', without('seal', 'TablesPending')],
      ['others read the log', grant('archive', 'dynamodb:Get*')],
    ],
  ],
  [
    'sequence changes no state',
    sequenceChangesNoState,
    [
      ['it may put', grant('sequence', 'dynamodb:PutItem')],
      [
        'it may put anywhere',
        (template) => {
          for (const [, { Properties: own }] of resourcesOf(template, 'AWS::IAM::Policy'))
            for (const one of own['PolicyDocument'].Statement)
              if (JSON.stringify(one).includes('LeadingKeys')) delete one.Condition;
        },
      ],
    ],
  ],
  [
    'one sequences at a time',
    oneSequencesAtATime,
    [
      [
        'more may',
        (template) => {
          delete functionOf(template, 'sequence')[1].Properties['ReservedConcurrentExecutions'];
        },
      ],
    ],
  ],
  [
    'every seal comes into the log',
    everySealIsLogged,
    [
      ['it begins with what comes next', ofMapping((own) => delete own['StartingPosition'])],
      [
        'it gives up',
        ofMapping((own) => {
          own['MaximumRetryAttempts'] = 2;
        }),
      ],
      [
        'no stream has it run',
        (template) => {
          for (const [id] of resourcesOf(template, 'AWS::Lambda::EventSourceMapping'))
            delete template.Resources[id];
        },
      ],
      [
        'there is no sweep',
        ofType('AWS::Events::Rule', 'LogSweep', (own) => {
          own['Targets'] = [];
        }),
      ],
    ],
  ],
  [
    'control streams are sealed, and nothing else by a rule',
    controlStreamsAreSealed,
    [
      [
        'the rule names a transaction',
        ofType('AWS::Events::Rule', 'ControlStreams', (own) => {
          own['Targets'][0].Input = '{"transactionId":"tx-1"}';
        }),
      ],
      [
        'there is no rule',
        ofType('AWS::Events::Rule', 'ControlStreams', (own) => {
          own['Targets'] = [];
        }),
      ],
    ],
  ],
];

describeGuards(controlPlane, GUARDS);

describe('a key that another has replaced', () => {
  const { controlPlane: rotated } = synthesize({ sealKeys: 2 });
  const keys = resourcesOf(rotated, 'AWS::KMS::Key').filter(([id]) => id.startsWith('Key'));
  const [old, current] = keys.map(([id]) => id) as [string, string];

  it('is kept, and signs nothing more', () => {
    const denial = rotated.Resources[old]?.Properties['KeyPolicy'].Statement.find(
      (one: { Action: string }) => one.Action === 'kms:Sign',
    );

    expect(keys).toHaveLength(2);
    expect(rolesThatMay(rotated, 'kms:Sign', old)).toEqual([]);
    expect(rolesThatMay(rotated, 'kms:Sign', current)).toEqual([roleOf(rotated, 'seal')]);
    expect(denial).toMatchObject({ Effect: 'Deny', Principal: { AWS: '*' } });
    expect(denial.Condition).toBeUndefined();
    expect(Object.keys(synthesize().controlPlane.Resources)).toContain(old);
  });

  it('is known to the log', () => {
    const variables = functionOf(rotated, 'sequence')[1].Properties['Environment'].Variables;
    const seal = functionOf(rotated, 'seal')[1].Properties['Environment'].Variables;

    expect(JSON.stringify(variables.SEAL_KEYS)).toContain(old);
    expect(JSON.stringify(variables.SEAL_KEYS)).toContain(current);
    expect(JSON.stringify(seal.SIGNING_KEY)).toContain(current);
    expect(JSON.stringify(seal.SIGNING_KEY)).not.toContain(old);
  });

  it('is the only one at first', () => {
    expect(onlySealSigns(controlPlane)).toEqual([]);
    expect(() => synthesize({ sealKeys: 0 })).toThrow();
    expect(() => synthesize({ sealKeys: 21 })).toThrow();
  });
});
