import { writeFileSync } from 'node:fs';
import { allActions } from '../actions/registry.ts';
import { actionPermissions } from './action-permissions.ts';

// What the action role of a target account may do comes from the registry of actions; a test holds
// the two together.
const text = `${JSON.stringify(actionPermissions(allActions), undefined, 2)}\n`;
writeFileSync('actions/permissions.json', text);
