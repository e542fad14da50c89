import { afterEach, describe, expect, test } from '@jest/globals';
import { registry } from '../../../actions/registry.ts';
import type { Surface } from '../../../api/context.ts';
import { type ApiWorld, openApiWorld, problemIn, proposing } from './api-world.ts';

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

const OPERATORS = [
  'POST /v1/transactions/{id}/approve',
  'POST /v1/transactions/{id}/refuse',
  'POST /v1/transactions/{id}/resume',
  'POST /v1/transactions/{id}/resolve',
  'GET /v1/kill-switch',
  'PUT /v1/kill-switch',
];
const AGENTS = ['POST /v1/transactions'];
const BOTH = [
  'GET /v1/health',
  'GET /v1/actions',
  'GET /v1/policies',
  'GET /v1/transactions',
  'GET /v1/transactions/{id}',
  'GET /v1/transactions/{id}/records',
  'GET /v1/transactions/{id}/bundle',
  'POST /v1/transactions/{id}/cancel',
  'POST /v1/transactions/{id}/undo',
];

let opened: ApiWorld | undefined;
afterEach(() => opened?.close());

const serve = (surface: Surface): ApiWorld => {
  opened = openApiWorld({ surface });
  return opened;
};

const documentOf = async (api: ApiWorld): Promise<Document> =>
  (await (await api.send('/openapi.json')).json()) as Document;

const routesOf = ({ paths }: Document): readonly string[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );

describe('a surface', () => {
  test.each([
    ['agent', [...BOTH, ...AGENTS]],
    ['operator', [...BOTH, ...OPERATORS]],
    ['both', [...BOTH, ...AGENTS, ...OPERATORS]],
  ] as const)('%s has these routes and no other', async (surface, routes) => {
    const document = await documentOf(serve(surface));

    expect([...routesOf(document)].sort()).toEqual([...routes].sort());
  });

  test.each(OPERATORS)('agent does not know %s', async (route) => {
    const [method = '', path = ''] = route.split(' ');
    const api = serve('agent');

    const response = await api.send(path.replace('{id}', 'tx-1'), { as: 'auditor', method });

    expect(await problemIn(response)).toMatchObject({ status: 404, code: 'route-not-found' });
  });

  test('operator does not know how to propose', async () => {
    const response = await serve('operator').send('/v1/transactions', {
      ...proposing(),
      as: 'ops',
    });

    expect(await problemIn(response)).toMatchObject({ status: 404, code: 'route-not-found' });
  });

  test.each([
    ['agent', 'ops'],
    ['operator', 'auditor'],
  ] as const)('%s serves nobody else', async (surface, as) => {
    const response = await serve(surface).send('/v1/transactions', { as });

    expect(await problemIn(response)).toMatchObject({ status: 403, code: 'wrong-surface' });
  });
});

describe('the OpenAPI document', () => {
  test('is of version 3.1 and refers to nothing that it does not hold', async () => {
    const document = await documentOf(serve('both'));

    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) => to as string);
    const known = Object.keys(document.components.schemas).map(
      (one) => `#/components/schemas/${one}`,
    );
    expect(document.openapi).toBe('3.1.0');
    expect(references.length).toBeGreaterThan(20);
    expect(references.filter((one) => !known.includes(one))).toEqual([]);
  });

  test('names every operation once, with a problem for whatever goes wrong', async () => {
    const { paths } = await documentOf(serve('both'));

    const operations = Object.values(paths).flatMap((one) => Object.values(one)) as {
      readonly operationId: string;
      readonly responses: Readonly<Record<string, unknown>>;
    }[];
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { responses } of operations) expect(responses).toHaveProperty('default');
  });

  test('has every registered action as a step, with its input', async () => {
    const { components } = await documentOf(serve('agent'));

    const plan = components.schemas['Plan'] as {
      properties: { steps: { maxItems: number; items: { oneOf: { $ref: string }[] } } };
    };
    const names = plan.properties.steps.items.oneOf.map(({ $ref }) => $ref.split('/').at(-1));
    expect(plan.properties.steps.maxItems).toBe(100);
    expect(names).toEqual(registry.all.map(({ id }) => `Step.${id.replace(':', '.')}`));
    expect(components.schemas['Step.iam.DetachRolePolicy']).toMatchObject({
      additionalProperties: false,
      properties: {
        action: { const: 'iam:DetachRolePolicy' },
        input: { required: ['RoleName', 'PolicyArn'], additionalProperties: false },
      },
    });
  });

  test('has the schema of a plan as agents write it', async () => {
    const { components } = await documentOf(serve('agent'));

    expect(components.schemas['Plan']).toMatchObject({
      type: 'object',
      additionalProperties: false,
      required: ['agent', 'target', 'purpose', 'steps', 'deadlineMs'],
    });
  });
});
