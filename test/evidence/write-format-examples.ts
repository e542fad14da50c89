import { readFileSync, writeFileSync } from 'node:fs';
import { formatExamples } from './format-examples.ts';

// node test/evidence/write-format-examples.ts: writes new examples into docs/evidence-format.md.
const DOCUMENT = 'docs/evidence-format.md';

let text = readFileSync(DOCUMENT, 'utf8');
for (const [name, example] of Object.entries(formatExamples())) {
  const block = new RegExp(`^(\`\`\`\\w+ ${name}\\n)[^]*?^(\`\`\`)$`, 'm');
  if (!block.test(text)) throw new Error(`the document has no block \`${name}\``);
  text = text.replace(block, (_, open: string, close: string) => open + example + close);
}
writeFileSync(DOCUMENT, text);
