import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { protocolFaults } from '../../../core/asl/graph.ts';
import { type Machine, parseMachine, resourceName } from '../../../core/asl/machine.ts';
import { textOf, withoutBraces } from './grants.ts';
import { functionOf } from './guards.ts';
import { resourcesOf, synthesize } from './synthesis.ts';

const { controlPlane, definition } = synthesize();
const [[, machine] = []] = resourcesOf(controlPlane, 'AWS::StepFunctions::StateMachine');
const substitutions: Record<string, unknown> = machine?.Properties['DefinitionSubstitutions'] ?? {};
const parse = () => parseMachine(JSON.parse(definition));
const tasksOf = (parsed: Machine) =>
  Object.entries(parsed.States).flatMap(([name, state]) =>
    state.Type === 'Task' ? [{ name, resource: resourceName(state) }] : [],
  );

describe('the deployed state machine', () => {
  it('is the one file, to the byte', () => {
    expect(definition).toBe(readFileSync('statemachines/transaction.asl.json', 'utf8'));
  });

  it('is a standard one, whose log carries no data', () => {
    expect(machine?.Properties['StateMachineType']).toBe('STANDARD');
    expect(machine?.Properties['LoggingConfiguration'].IncludeExecutionData).toBe(false);
  });

  it('runs for each task the function of its name', () => {
    const tasks = tasksOf(parse());

    expect(tasks.map(({ resource }) => resource).sort()).toEqual(Object.keys(substitutions).sort());
    for (const { name, resource } of tasks) {
      const [id] = functionOf(controlPlane, name.toLowerCase());

      expect(resource).toBe(name);
      expect(withoutBraces(textOf(substitutions[resource]))).toBe(id);
    }
  });

  it('follows the protocol', () => {
    expect(protocolFaults(parse())).toEqual([]);
  });

  it.each([
    ['goes on to Execute unauthorized', 'Ready?', 'Authorize', 'Execute'],
    ['lets an error out of Execute', 'Execute', 'Compensate', 'Seal'],
    ['commits without a seal', 'MoreSteps?', 'Seal', 'Committed'],
  ])('is seen to break it when it %s', (_what, state, from, to) => {
    const at = definition.indexOf(`"${state}": {`);
    const tail = definition.slice(at).replace(`"Next": "${from}"`, `"Next": "${to}"`);
    const mutated = parseMachine(JSON.parse(definition.slice(0, at) + tail));

    expect(protocolFaults(mutated)).not.toEqual([]);
  });
});
