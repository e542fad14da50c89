import type { Context } from 'hono';
import type { z } from 'zod';
import { InvalidInputError } from '../core/errors.ts';
import { issueText, PLAN_BYTES_MAX } from '../core/plan.ts';
import { parseStrictJson } from './strict-json.ts';

/** Bytes of a body that holds a plan, at most. */
export const PLAN_BODY_BYTES_MAX = PLAN_BYTES_MAX;
/** Bytes of any other body, at most. */
export const BODY_BYTES_MAX = 16 * 1024;

/**
 * The JSON of a request, read no further than its bound. Throws `InvalidInputError`:
 * `unsupported-media-type`, `body-too-large`, `not-utf8`, and what `parseStrictJson` throws.
 */
export async function readJson({ req }: Context, bytesMax = BODY_BYTES_MAX): Promise<unknown> {
  requireJson(req.header('content-type'));
  return parseStrictJson(textOf(await readBytes(req.raw, bytesMax)), 'body');
}

/** The body in its shape; no body at all is `{}`. Throws as `readJson` does, and `invalid-body`. */
export async function readBody<Shape extends z.ZodType>(
  context: Context,
  shape: Shape,
): Promise<z.output<Shape>> {
  const isEmpty = context.req.header('content-type') === undefined && (await hasNoBody(context));
  const parsed = shape.safeParse(isEmpty ? {} : await readJson(context));
  if (parsed.success) return parsed.data;
  throw new InvalidInputError('invalid-body', `body is not valid at ${issueText(parsed.error)}`);
}

async function hasNoBody({ req }: Context): Promise<boolean> {
  const { body } = req.raw;
  if (body === null) return true;
  // A length that is not said is read: nothing may hide in a body that is not looked at.
  return req.header('content-length') === '0';
}

function requireJson(contentType = ''): void {
  const [type = '', ...parameters] = contentType.toLowerCase().split(';');
  const isUtf8 = parameters.every((one) => /^\s*charset="?utf-8"?\s*$/.test(one));
  if (type.trim() === 'application/json' && isUtf8) return;
  throw new InvalidInputError('unsupported-media-type', 'the body must be `application/json`', {
    hint: 'send `content-type: application/json`, in UTF-8',
  });
}

async function readBytes(request: Request, bytesMax: number): Promise<Uint8Array> {
  const tooLarge = () =>
    new InvalidInputError('body-too-large', `the body has more than ${bytesMax} bytes`);
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > bytesMax) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new InvalidInputError('not-utf8', 'the body is not UTF-8 text', { cause });
  }
}
