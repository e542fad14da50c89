import { readFileSync, writeFileSync } from 'node:fs';
import { currentCost, withCost } from './cost-text.ts';

// Writes the costs into the README; a test is red when they are not as computed.
const cost = currentCost();
writeFileSync('README.md', withCost(readFileSync('README.md', 'utf8'), cost));
console.log(cost);
