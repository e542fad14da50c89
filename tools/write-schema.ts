import { writeFileSync } from 'node:fs';
import { allActions } from '../actions/registry.ts';
import { schemaText } from '../adapters/cedar/schema.ts';

// The Cedar schema comes from the registry of actions; a test holds the two together.
writeFileSync('policies/schema.cedarschema', schemaText(allActions.map((action) => action.id)));
