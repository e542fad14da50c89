const COLUMNS_MAX = 110;

/** JSON text for a page: what fits on a line stands on one. */
export function compactJson(value: unknown, indent = ''): string {
  const line = JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return line;
  if (indent.length + line.length <= COLUMNS_MAX) return line;
  const deeper = `${indent} `;
  const isList = Array.isArray(value);
  const parts = Object.entries(value).map(([key, item]) => {
    const name = isList ? '' : `${JSON.stringify(key)}: `;
    return `${deeper}${name}${compactJson(item, deeper)}`;
  });
  return `${isList ? '[' : '{'}\n${parts.join(',\n')}\n${indent}${isList ? ']' : '}'}`;
}
