import { CloudRefusedError } from '../../../core/errors.ts';

/** The answer of IAM that refuses a call: nothing was changed; `code` is IAM's own. */
export function refusal(code: string, message: string): CloudRefusedError {
  return new CloudRefusedError(code, message);
}

/** IAM's answer for something that is not there. */
export function noSuchEntity(what: string, name: string): CloudRefusedError {
  return refusal('NoSuchEntity', `the ${what} \`${name}\` cannot be found`);
}

/** IAM's answer for a name that is taken. */
export function alreadyExists(what: string, name: string): CloudRefusedError {
  return refusal('EntityAlreadyExists', `the ${what} \`${name}\` already exists`);
}
