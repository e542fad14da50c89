/** An ARN as people say it: `role/ci-deploy`, `policy/ReadOnlyAccess`, `lambda in us-east-1`. */
export function shortArn(arn: string): string {
  const [prefix, , service, region, , ...rest] = arn.split(':');
  if (prefix !== 'arn' || rest.length === 0) return arn;
  const resource = rest.join(':');
  if (service === 'iam') return resource.replace(/\/.*\//, '/');
  if (resource.startsWith('sample/')) return `any ${service}`;
  return `${service}${region === '' ? '' : ` ${region}`} ${resource}`;
}

/** Every ARN in a text made short. */
export function shortArns(text: string): string {
  return text.replace(/arn:[a-z-]+:iam::(?:\d{12}|aws):[^\s,:]+/g, shortArn);
}

/** Capital first letter made small: rule texts are continued after a colon. */
export function continued(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
